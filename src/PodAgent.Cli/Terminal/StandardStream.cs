using Microsoft.Win32.SafeHandles;

namespace PodAgent.Cli.Terminal;

/// <summary>
/// The caller's standard input, byte by byte. The framework's own stream edits lines when it finds a terminal: no key would reach a process in
/// a container before Enter, and Ctrl-C never.
/// </summary>
internal static class StandardInput
{
    /// <summary>Descriptor 0.</summary>
    public const int Descriptor = 0;

    /// <summary>Opens it for reading; closing the stream leaves the descriptor open.</summary>
    public static Stream Open() => new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Read, bufferSize: 0);
}
