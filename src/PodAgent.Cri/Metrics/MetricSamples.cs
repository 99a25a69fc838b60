using PodAgent.Api.Cri;

namespace PodAgent.Cri.Metrics;

/// <summary>The samples of one pod or container while they are gathered.</summary>
/// <param name="common">Values of <see cref="MetricDefinition.CommonLabels"/>.</param>
/// <param name="timestamp">When they were read, Unix nanoseconds.</param>
internal sealed class MetricSamples(IReadOnlyList<string> common, long timestamp)
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    public List<Metric> All { get; } = [];

    public long Timestamp => timestamp;

    public void Add(MetricDefinition metric, ulong value, params string[] labels)
    {
        if (labels.Length != metric.Labels.Length)
        {
            throw new ArgumentException($"{metric.Name} has labels {string.Join(", ", metric.Labels)}", nameof(labels));
        }

        All.Add(new Metric
        {
            Name = metric.Name,
            Timestamp = timestamp,
            MetricType = metric.Type,
            LabelValues = { common, labels },
            Value = new UInt64Value { Value = value },
        });
    }

    // CRI's values are whole numbers.
    public void AddSeconds(MetricDefinition metric, ulong nanoseconds, params string[] labels) =>
        Add(metric, nanoseconds / NanosecondsPerSecond, labels);
}
