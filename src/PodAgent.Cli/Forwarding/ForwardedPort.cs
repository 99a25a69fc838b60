using System.Globalization;

namespace PodAgent.Cli.Forwarding;

/// <summary>One <c>[LOCAL:]REMOTE</c> of the command line.</summary>
/// <param name="Local">0: any free one.</param>
/// <param name="Remote">1 to 65535.</param>
internal readonly record struct ForwardedPort(int Local, int Remote)
{
    /// <summary>Reads <c>8080:80</c>, <c>80</c> (the same on both sides) or <c>:80</c> (any free local one).</summary>
    /// <exception cref="CliException">Something else.</exception>
    public static ForwardedPort Parse(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 2 || !TryPort(parts[^1], out int remote) || remote == 0)
        {
            throw Invalid(text);
        }

        return parts.Length == 1 ? new ForwardedPort(remote, remote)
            : parts[0].Length == 0 ? new ForwardedPort(0, remote)
            : TryPort(parts[0], out int local) ? new ForwardedPort(local, remote)
            : throw Invalid(text);
    }

    private static bool TryPort(string text, out int port)
    {
        bool isPort = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number);
        port = number;
        return isPort;
    }

    private static CliException Invalid(string text) => new($"error: \"{text}\" is no port; write REMOTE, LOCAL:REMOTE or :REMOTE with numbers up to 65535");
}
