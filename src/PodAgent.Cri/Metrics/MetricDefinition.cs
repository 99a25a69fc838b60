using PodAgent.Api.Cri;

namespace PodAgent.Cri.Metrics;

/// <summary>A metric that the runtime offers.</summary>
/// <param name="Name">As cAdvisor calls it, so that existing dashboards find it.</param>
/// <param name="Type">Counter or gauge.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Labels">Labels beyond those that every metric has.</param>
internal sealed record MetricDefinition(string Name, MetricType Type, string Help, params string[] Labels)
{
    // Whose value it is. For a whole pod, "container", "image" and "name" are empty.
    public static readonly string[] CommonLabels = ["container", "id", "image", "name", "namespace", "pod"];

    public MetricDescriptor ToDescriptor() => new() { Name = Name, Help = Help, LabelKeys = { CommonLabels, Labels } };
}
