using PodAgent.Linux.Files;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Terminals;

/// <summary>Pseudo-terminals (pty(7)). The follower is taken from the leader's descriptor, never from a path that somebody could swap.</summary>
public static unsafe class PseudoTerminals
{
    /// <summary>Opens a pair.</summary>
    /// <param name="multiplexer">Path of the devpts instance's ptmx; relative to <paramref name="directory"/> when that is given.</param>
    /// <param name="directory">An open directory, for example a container's /dev/pts.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static (Fd Leader, Fd Follower) Open(string multiplexer = "/dev/ptmx", Fd? directory = null)
    {
        Fd leader = FileTree.Open(multiplexer, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal | OpenFlags.NoFollow, 0, directory);
        try
        {
            return (leader, OpenFollower(leader));
        }
        catch
        {
            leader.Dispose();
            throw;
        }
    }

    /// <summary>Unlocks the pair and opens the other side (TIOCGPTPEER).</summary>
    /// <exception cref="LinuxException">Not a leader.</exception>
    public static Fd OpenFollower(Fd leader)
    {
        int locked = 0;
        Libc.Check(Libc.ioctl(leader.Number, TerminalConstants.TIOCSPTLCK, (nint)(&locked)), "ioctl(2)", "TIOCSPTLCK");
        int flags = FileConstants.O_RDWR | FileConstants.O_NOCTTY | FileConstants.O_CLOEXEC;
        return new Fd(Libc.Check(Libc.ioctl(leader.Number, TerminalConstants.TIOCGPTPEER, flags), "ioctl(2)", "TIOCGPTPEER"));
    }

    /// <summary>Sets the window size, which tells the foreground processes by SIGWINCH.</summary>
    /// <exception cref="LinuxException">Not a terminal.</exception>
    public static void SetSize(Fd terminal, ushort columns, ushort rows)
    {
        var size = new winsize { ws_col = columns, ws_row = rows };
        Libc.Check(Libc.ioctl(terminal.Number, TerminalConstants.TIOCSWINSZ, (nint)(&size)), "ioctl(2)", "TIOCSWINSZ");
    }

    /// <summary>The window size.</summary>
    /// <exception cref="LinuxException">Not a terminal.</exception>
    public static (ushort Columns, ushort Rows) GetSize(Fd terminal)
    {
        winsize size;
        Libc.Check(Libc.ioctl(terminal.Number, TerminalConstants.TIOCGWINSZ, (nint)(&size)), "ioctl(2)", "TIOCGWINSZ");
        return (size.ws_col, size.ws_row);
    }

    /// <summary>Makes a terminal the controlling one of the calling process's new session (TIOCSCTTY).</summary>
    /// <exception cref="LinuxException">EPERM: not a session leader, or the terminal belongs to another session.</exception>
    public static void SetControlling(Fd terminal) => Libc.Check(Libc.ioctl(terminal.Number, TerminalConstants.TIOCSCTTY, 0), "ioctl(2)", "TIOCSCTTY");
}
