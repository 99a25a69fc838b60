namespace PodAgent.Cli.Copying;

/// <summary>One side of <c>podctl cp</c>: <c>POD:PATH</c>, <c>NAMESPACE/POD:PATH</c>, or a local path.</summary>
/// <param name="Namespace">Null: that of the command line.</param>
/// <param name="Pod">Null: this machine.</param>
/// <param name="Path">Never empty.</param>
internal sealed record CopyPath(string? Namespace, string? Pod, string Path)
{
    /// <summary>Reads one side.</summary>
    /// <exception cref="CliException">No path, or a name that cannot be one.</exception>
    public static CopyPath Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);

        // A slash before the colon twice, or at the beginning, or a dot: a local file whose name has a colon.
        bool isLocal = colon <= 0 || text[0] is '/' or '.' || text[..colon].Count(each => each == '/') > 1;
        if (isLocal)
        {
            return text.Length > 0 && colon != 0
                ? new CopyPath(null, null, text)
                : throw new CliException($"error: \"{text}\" names no file; write PATH or POD:PATH");
        }

        string[] names = text[..colon].Split('/');
        string path = text[(colon + 1)..];
        return path.Length > 0 && names.All(name => name.Length > 0)
            ? new CopyPath(names.Length == 2 ? names[0] : null, names[^1], path)
            : throw new CliException($"error: filepath can not be empty: \"{text}\"; write POD:PATH");
    }
}
