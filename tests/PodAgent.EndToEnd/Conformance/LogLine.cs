using System.Globalization;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>A line of a CRI log: time, stream, whether the line goes on in the next entry, text.</summary>
internal sealed record LogLine(DateTimeOffset Time, string Stream, bool Partial, string Text)
{
    /// <summary>Reads a whole log strictly, as readers do that crash on half a line.</summary>
    public static IReadOnlyList<LogLine> ReadAll(string path)
    {
        string content = File.ReadAllText(path);
        Assert.True(content.Length == 0 || content.EndsWith('\n'), "the last line is not whole");
        return [.. content.Split('\n')[..^1].Select(Parse)];
    }

    private static LogLine Parse(string line)
    {
        string[] fields = line.Split(' ', 4);
        Assert.True(fields.Length == 4, $"not four fields: {line}");
        Assert.Contains(fields[1], new[] { "stdout", "stderr" });
        Assert.Contains(fields[2], new[] { "F", "P" });
        return new LogLine(DateTimeOffset.Parse(fields[0], CultureInfo.InvariantCulture), fields[1], fields[2] == "P", fields[3]);
    }
}
