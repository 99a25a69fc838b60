using System.Globalization;
using System.Text;
using PodAgent.Api.V1;
using PodAgent.Linux.Probing;
using Spectre.Console;

namespace PodAgent.Cli.Doctor;

/// <summary>Findings as text and as a message.</summary>
internal static class DiagnosisText
{
    private const int LevelWidth = 9;
    private const int LeastNameWidth = 28;

    /// <summary>Writes an area: its heading, a line for each finding and, below those that are not well, cost and remedy.</summary>
    public static void Write(IAnsiConsole console, IReadOnlyList<ProbeResult> area, bool quiet)
    {
        ProbeResult[] shown = [.. area.Where(result => !quiet || result.Level >= ProbeLevel.Warning)];
        if (shown.Length == 0)
        {
            return;
        }

        int width = Math.Max(LeastNameWidth, area.Max(result => result.Name.Length));
        var text = new StringBuilder($"[bold]{Markup.Escape(shown[0].Area)}[/]\n");
        foreach (ProbeResult result in shown)
        {
            (string word, string style) = Word(result.Level);
            string[] details = result.Detail.Split('\n');
            string name = details[0].Length > 0 ? result.Name.PadRight(width + 1) : result.Name;
            text.Append(CultureInfo.InvariantCulture, $"  [{style}]{word}[/]{new string(' ', LevelWidth - word.Length)}{Markup.Escape(name)}{Markup.Escape(details[0])}\n");
            foreach (string more in details.Skip(1))
            {
                Add(text, width, "", more);
            }

            if (result.Level >= ProbeLevel.Warning)
            {
                Add(text, width, "cost: ", result.Cost);
                Add(text, width, "to get it: ", result.Remedy);
            }
        }

        console.Markup(text.ToString());
    }

    /// <summary>The last line.</summary>
    public static string Summary(IReadOnlyCollection<ProbeResult> results)
    {
        int Count(ProbeLevel level) => results.Count(result => result.Level == level);
        int missing = Count(ProbeLevel.Missing);
        int skipped = Count(ProbeLevel.Skipped);
        string left = skipped > 0 ? string.Create(CultureInfo.InvariantCulture, $", {skipped} not tried") : "";
        string verdict = missing > 0 ? "pods cannot run here as they should"
            : skipped > 0 && !Environment.IsPrivilegedProcess ? "run it as root to try everything"
            : "pods can run here";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(ProbeLevel.Ok)} ok, {Count(ProbeLevel.Absent)} off, {Count(ProbeLevel.Warning)} warnings, {missing} missing{left}: {verdict}");
    }

    /// <summary>The same for programs.</summary>
    public static Diagnosis ToMessage(IReadOnlyCollection<ProbeResult> results)
    {
        var diagnosis = new Diagnosis { CanRunPods = results.All(result => result.Level != ProbeLevel.Missing) };
        diagnosis.Findings.AddRange(results.Select(result => new Finding
        {
            Area = result.Area,
            Name = result.Name,
            Level = result.Level switch
            {
                ProbeLevel.Ok => "ok",
                ProbeLevel.Absent => "off",
                ProbeLevel.Skipped => "skipped",
                ProbeLevel.Warning => "warning",
                _ => "missing",
            },
            Detail = result.Detail,
            Cost = result.Cost,
            Remedy = result.Remedy,
        }));
        return diagnosis;
    }

    private static void Add(StringBuilder text, int width, string label, string content)
    {
        if (content.Length > 0)
        {
            text.Append(' ', LevelWidth + width + 3).Append("[dim]").Append(label).Append("[/]").Append(Markup.Escape(content)).Append('\n');
        }
    }

    private static (string Word, string Style) Word(ProbeLevel level) => level switch
    {
        ProbeLevel.Ok => ("ok", "green"),
        ProbeLevel.Absent => ("off", "grey"),
        ProbeLevel.Skipped => ("skipped", "grey"),
        ProbeLevel.Warning => ("warning", "yellow"),
        _ => ("missing", "red"),
    };
}
