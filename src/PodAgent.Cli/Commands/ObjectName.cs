namespace PodAgent.Cli.Commands;

/// <summary>Names of objects as people type them after a verb: <c>pods</c>, <c>pod web</c>, <c>pod/web pod/db</c>.</summary>
internal static class ObjectName
{
    private static readonly string[] s_podWords = ["pod", "pods", "po"];

    /// <summary>Whether a word names the kind Pod.</summary>
    public static bool IsPodKind(string word) => s_podWords.Contains(word, StringComparer.OrdinalIgnoreCase);

    /// <summary>A pod's name with or without its kind: <c>web</c> or <c>pod/web</c>.</summary>
    /// <exception cref="CliException">Another kind.</exception>
    public static string Pod(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return text;
        }

        return IsPodKind(text[..slash])
            ? text[(slash + 1)..]
            : throw new CliException($"error: the node knows no resource type \"{text[..slash]}\"; there are pods, events and images");
    }

    /// <summary>Names after a verb: a kind followed by names, or names that carry their kind.</summary>
    /// <returns>Pod names; empty: all pods.</returns>
    public static IReadOnlyList<string> Pods(IReadOnlyList<string> words)
    {
        if (words.Count > 0 && IsPodKind(words[0]))
        {
            return [.. words.Skip(1).Select(Pod)];
        }

        foreach (string word in words)
        {
            if (!word.Contains('/', StringComparison.Ordinal))
            {
                throw new CliException($"error: the node knows no resource type \"{word}\"; there are pods, events and images");
            }
        }

        return [.. words.Select(Pod)];
    }
}
