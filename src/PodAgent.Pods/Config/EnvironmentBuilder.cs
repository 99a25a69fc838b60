namespace PodAgent.Pods.Config;

/// <summary>A container's environment: later entries win and may use earlier ones.</summary>
internal static class EnvironmentBuilder
{
    /// <exception cref="ContainerConfigException">A value's source does not exist here.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Build(
        Core.Pod pod, Core.Container container, IReadOnlyList<string> podIps, NodeFacts node)
    {
        foreach (Core.EnvFromSource source in container.EnvFrom)
        {
            RefuseUnlessOptional(pod, source);
        }

        List<string> order = [];
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (Core.EnvVar variable in container.Env)
        {
            string? value = Value(pod, container, variable, values, podIps, node);
            if (value is null)
            {
                continue;
            }

            if (values.TryAdd(variable.Name, value))
            {
                order.Add(variable.Name);
            }
            else
            {
                values[variable.Name] = value;
            }
        }

        return [.. order.Select(name => KeyValuePair.Create(name, values[name]))];
    }

    private static string? Value(
        Core.Pod pod,
        Core.Container container,
        Core.EnvVar variable,
        Dictionary<string, string> soFar,
        IReadOnlyList<string> podIps,
        NodeFacts node)
    {
        Core.EnvVarSource? source = variable.ValueFrom;
        if (source is null)
        {
            return Expansion.Expand(variable.Value, soFar);
        }

        if (source.FieldRef is { } field)
        {
            return PodFields.Field(pod, field.FieldPath, podIps, node)
                ?? throw new ContainerConfigException($"field label not supported: {field.FieldPath}");
        }

        if (source.ResourceFieldRef is { } resource)
        {
            return PodFields.Resource(pod, container, resource, node)
                ?? throw new ContainerConfigException($"unsupported container resource: {resource.Resource}");
        }

        // Nothing holds ConfigMaps or Secrets on a node by itself yet: to the pod they do not exist.
        if (source.ConfigMapKeyRef is { } configMap)
        {
            return configMap.Optional ? null : throw Missing("configmap", configMap.LocalObjectReference?.Name ?? "");
        }

        if (source.SecretKeyRef is { } secret)
        {
            return secret.Optional ? null : throw Missing("secret", secret.LocalObjectReference?.Name ?? "");
        }

        throw new ContainerConfigException($"environment variable {variable.Name}: its valueFrom source is not supported by this agent");
    }

    private static void RefuseUnlessOptional(Core.Pod pod, Core.EnvFromSource source)
    {
        if (source.ConfigMapRef is { Optional: false } configMap)
        {
            throw Missing("configmap", configMap.LocalObjectReference?.Name ?? "");
        }

        if (source.SecretRef is { Optional: false } secret)
        {
            throw Missing("secret", secret.LocalObjectReference?.Name ?? "");
        }
    }

    private static ContainerConfigException Missing(string kind, string name) =>
        new($"{kind} \"{name}\" not found (this agent has no ConfigMaps and Secrets of its own yet)");
}
