using PodAgent.Api.Meta;
using PodAgent.Api.V1;

namespace PodAgent.Pods.Service;

/// <summary>Which pods a client asked for.</summary>
internal sealed class PodSelector
{
    private readonly string _namespace;
    private readonly string _name;
    private readonly LabelSelectorExpression _labels;

    /// <exception cref="AgentException">The label selector cannot be read.</exception>
    public PodSelector(ListPodsRequest request)
    {
        _namespace = request.Namespace;
        _name = request.Name;
        _labels = LabelSelectorExpression.TryParse(request.LabelSelector, out LabelSelectorExpression? parsed, out string? error)
            ? parsed
            : throw new AgentException(ErrorKind.InvalidArgument, $"label selector \"{request.LabelSelector}\": {error}");
    }

    public bool Matches(Core.Pod pod) =>
        (_namespace.Length == 0 || pod.Metadata.Namespace == _namespace)
        && (_name.Length == 0 || pod.Metadata.Name == _name)
        && _labels.Matches(pod.Metadata.Labels);

    /// <summary>What a change means to this client: a pod whose labels come or go appears or disappears for it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="known">The pods that the client has; kept up to date.</param>
    public Api.V1.PodWatchEvent.Types.Type? Translate(PodChange change, HashSet<PodKey> known)
    {
        PodKey key = PodKey.Of(change.Pod);
        if (change.Type == PodWatchEvent.Types.Type.Deleted || !Matches(change.Pod))
        {
            return known.Remove(key) ? PodWatchEvent.Types.Type.Deleted : null;
        }

        return known.Add(key) ? PodWatchEvent.Types.Type.Added : PodWatchEvent.Types.Type.Modified;
    }
}
