using PodAgent.Api.Core;

namespace PodAgent.Api.Defaults;

/// <summary>What the API server fills into a container.</summary>
internal static class ContainerDefaults
{
    private const int ProbeTimeoutSeconds = 1;
    private const int ProbePeriodSeconds = 10;
    private const int ProbeSuccessThreshold = 1;
    private const int ProbeFailureThreshold = 3;

    public static void Apply(Container container, bool hostNetwork)
    {
        container.ImagePullPolicy = PodDefaults.Or(container.ImagePullPolicy, ImagePullPolicy.DefaultFor(container.Image));
        container.TerminationMessagePath = PodDefaults.Or(container.TerminationMessagePath, "/dev/termination-log");
        container.TerminationMessagePolicy = PodDefaults.Or(container.TerminationMessagePolicy, "File");
        container.Resources ??= new ResourceRequirements();
        ResourceDefaults.RequestsFromLimits(container.Resources);
        foreach (ContainerPort port in container.Ports)
        {
            port.Protocol = PodDefaults.Or(port.Protocol, "TCP");
            if (hostNetwork && port.HostPort == 0)
            {
                port.HostPort = port.ContainerPort_;
            }
        }

        foreach (EnvVar variable in container.Env)
        {
            Apply(variable.ValueFrom?.FieldRef);
            if (variable.ValueFrom?.FileKeyRef is { HasOptional: false } file)
            {
                file.Optional = false;
            }
        }

        Apply(container.LivenessProbe);
        Apply(container.ReadinessProbe);
        Apply(container.StartupProbe);
        Apply(container.Lifecycle?.PostStart?.HttpGet);
        Apply(container.Lifecycle?.PreStop?.HttpGet);
    }

    public static void Apply(ObjectFieldSelector? selector)
    {
        if (selector is not null)
        {
            selector.ApiVersion = PodDefaults.Or(selector.ApiVersion, "v1");
        }
    }

    private static void Apply(Probe? probe)
    {
        if (probe is null)
        {
            return;
        }

        // Zero means "not set" for each of them.
        probe.TimeoutSeconds = probe.TimeoutSeconds == 0 ? ProbeTimeoutSeconds : probe.TimeoutSeconds;
        probe.PeriodSeconds = probe.PeriodSeconds == 0 ? ProbePeriodSeconds : probe.PeriodSeconds;
        probe.SuccessThreshold = probe.SuccessThreshold == 0 ? ProbeSuccessThreshold : probe.SuccessThreshold;
        probe.FailureThreshold = probe.FailureThreshold == 0 ? ProbeFailureThreshold : probe.FailureThreshold;
        Apply(probe.Handler?.HttpGet);
        if (probe.Handler?.Grpc is { HasService: false } grpc)
        {
            grpc.Service = "";
        }
    }

    private static void Apply(HTTPGetAction? action)
    {
        if (action is not null)
        {
            action.Path = PodDefaults.Or(action.Path, "/");
            action.Scheme = PodDefaults.Or(action.Scheme, "HTTP");
        }
    }
}
