using PodAgent.Api.Core;

namespace PodAgent.Cli.Output;

/// <summary>Rows of <c>podctl get pods</c>.</summary>
internal sealed class PodTable
{
    private readonly bool _wide;
    private readonly bool _withNamespace;
    private readonly bool _withLabels;

    public PodTable(bool wide, bool withNamespace, bool withLabels = false)
    {
        _withLabels = withLabels;
        _wide = wide;
        _withNamespace = withNamespace;
        List<string> headings = ["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
        if (withNamespace)
        {
            headings.Insert(0, "NAMESPACE");
        }

        if (wide)
        {
            headings.AddRange(["IP", "NODE"]);
        }

        if (withLabels)
        {
            headings.Add("LABELS");
        }

        Text = new TextTable([.. headings]);
    }

    public TextTable Text { get; }

    public void Add(Pod pod, DateTimeOffset now)
    {
        PodSummary summary = PodSummary.Of(pod);
        List<Cell> cells =
        [
            pod.Metadata.Name,
            $"{summary.Ready}/{summary.Total}",
            new Cell(summary.Status, Style(summary)),
            summary.RestartText(now),
            Age.Since(pod.Metadata.CreationTimestamp, now),
        ];
        if (_withNamespace)
        {
            cells.Insert(0, pod.Metadata.Namespace);
        }

        if (_wide)
        {
            cells.Add(OrNone(pod.Status?.PodIP));
            cells.Add(OrNone(pod.Spec.NodeName));
        }

        if (_withLabels)
        {
            cells.Add(OrNone(string.Join(',', pod.Metadata.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))));
        }

        Text.Add([.. cells]);
    }

    private static Cell OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private static string Style(PodSummary summary) => summary.Status switch
    {
        "Running" when summary.Ready == summary.Total => "green",
        "Running" or "Pending" or "ContainerCreating" or "PodInitializing" or "Terminating" or "NotReady" => "yellow",
        "Completed" or "Succeeded" => "grey",
        _ when summary.Status.StartsWith("Init:", StringComparison.Ordinal) && summary.Status.Contains('/', StringComparison.Ordinal) => "yellow",
        _ => "red",
    };
}
