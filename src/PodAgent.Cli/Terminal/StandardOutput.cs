using Microsoft.Win32.SafeHandles;
using PodAgent.Linux;

namespace PodAgent.Cli.Terminal;

/// <summary>
/// Standard output that notices when its reader is gone, as in <c>podctl logs -f web | head -1</c>. The runtime ignores SIGPIPE and its
/// console drops what it cannot write, so that a followed log would go on for nobody.
/// </summary>
internal static class StandardOutput
{
    /// <summary>What a shell reports for a program that SIGPIPE ended.</summary>
    public const int ReaderGoneExitCode = 128 + 13;

    private const int Descriptor = 1;

    /// <summary>Opens it. Writing throws an <see cref="IOException"/> when the reader is gone.</summary>
    public static Stream Open()
    {
        var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        // A file has no reader that could go; and FileStream writes at offsets of its own there, over what the next program of a script writes.
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    /// <summary>Whether a failed write means that nobody reads any more.</summary>
    public static bool ReaderIsGone(Exception failure) => failure is IOException { HResult: (int)Errno.EPIPE };
}
