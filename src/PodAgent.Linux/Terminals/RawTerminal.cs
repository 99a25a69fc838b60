using PodAgent.Linux.Native;

namespace PodAgent.Linux.Terminals;

/// <summary>
/// The caller's terminal in raw mode, as an interactive session with a remote terminal needs it: every key travels as it is, and the other
/// side echoes. Disposing puts the former mode back.
/// </summary>
public sealed unsafe class RawTerminal : IDisposable
{
    private readonly int _fd;
    private readonly Termios _former;
    private bool _restored;

    private RawTerminal(int fd, in Termios former)
    {
        _fd = fd;
        _former = former;
    }

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int fd) => Libc.isatty(fd) == 1;

    /// <summary>Switches the terminal to raw mode.</summary>
    /// <param name="fd">A descriptor of the terminal, usually 0.</param>
    /// <exception cref="LinuxException">It is not a terminal.</exception>
    public static RawTerminal Enter(int fd)
    {
        Termios former;
        Check(Libc.tcgetattr(fd, &former), "tcgetattr(3)");
        Termios raw = former;
        Libc.cfmakeraw(&raw);
        Check(Libc.tcsetattr(fd, TermiosConstants.TCSADRAIN, &raw), "tcsetattr(3)");
        return new RawTerminal(fd, former);
    }

    /// <summary>Columns and rows of a terminal; null when the descriptor is none, or does not know its size.</summary>
    public static (int Columns, int Rows)? Size(int fd)
    {
        winsize window;
        bool known = Libc.ioctl(fd, TerminalConstants.TIOCGWINSZ, (nint)(&window)) == 0 && window.ws_col > 0;
        return known ? (window.ws_col, window.ws_row) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_restored)
        {
            _restored = true;
            Termios former = _former;
            _ = Libc.tcsetattr(_fd, TermiosConstants.TCSADRAIN, &former);
        }
    }

    private static void Check(int result, string operation)
    {
        if (result != 0)
        {
            throw new LinuxException(operation, "terminal", Libc.LastErrno);
        }
    }
}
