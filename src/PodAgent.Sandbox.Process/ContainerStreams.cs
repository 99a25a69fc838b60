using PodAgent.Containers.Logs;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;
using PodAgent.Linux.Terminals;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// A container's standard streams: pipes, or a terminal. Output goes to the log and to whoever is attached; input comes from whoever is
/// attached. They outlive the main process as long as a grandchild keeps a pipe open.
/// </summary>
internal sealed class ContainerStreams(EventLoop loop)
{
    private const int OutputCapacity = 256 << 10;

    private readonly EventLoop _loop = loop;
    private readonly List<OutputPump> _outputs = [];
    private readonly List<(bool IsError, AttachWriter Writer)> _attached = [];
    private readonly List<InputRelay> _inputs = [];
    private CriLogFile? _log;
    private bool _stdinOnce;
    private Fd? _input;
    private Fd? _leader;

    // Keeps the terminal alive while none of the container's processes has it open, until the main one ends.
    private Fd? _follower;

    /// <summary>Opens the log, and pipes unless the container has a terminal. Whether it fails or not, <see cref="Close"/> follows one day.</summary>
    /// <param name="spec">The container.</param>
    /// <param name="childEnds">Takes what becomes the container's streams 0 to 2; the caller's.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="LinuxException">The log file cannot be opened, or there are too many open files.</exception>
    public void Open(ContainerSpec spec, Fd?[] childEnds, TimeProvider time)
    {
        _stdinOnce = spec.StdinOnce;
        _log = spec.LogPath.Length == 0 ? null : new CriLogFile(spec.LogPath, time);
        if (spec.Process.Tty)
        {
            // The child makes the terminal, in its own devpts: UseTerminal.
            return;
        }

        if (spec.Stdin)
        {
            (childEnds[0], _input) = FileData.MakePipe();
            FileData.SetNonBlocking(_input);
        }

        for (int stream = 1; stream <= 2; stream++)
        {
            (Fd source, childEnds[stream]) = FileData.MakePipe(OutputCapacity);
            _outputs.Add(new OutputPump(_loop, this, source, isError: stream == 2));
        }
    }

    /// <summary>The terminal's leader has arrived from the child.</summary>
    public void UseTerminal(Fd leader, bool stdin)
    {
        _leader = FileTree.Duplicate(leader);
        _follower = PseudoTerminals.OpenFollower(leader);
        if (stdin)
        {
            _input = FileTree.Duplicate(leader);
        }

        _outputs.Add(new OutputPump(_loop, this, leader, isError: false));
    }

    public void Resize(TerminalSize size)
    {
        if (_leader is null)
        {
            throw new LinuxException("resize", "container without a terminal", Errno.ENOTTY);
        }

        PseudoTerminals.SetSize(_leader, (ushort)size.Columns, (ushort)size.Rows);
    }

    public void ReopenLog() => _log?.Reopen();

    /// <summary>Copies output to, and input from, these descriptors from now on.</summary>
    /// <param name="stdin">Each may be null.</param>
    /// <param name="stdout">Duplicated.</param>
    /// <param name="stderr">Duplicated.</param>
    /// <param name="replay">Beginnings of lines, which the log does not have yet, are sent first.</param>
    /// <returns>Bytes of the log file that came before.</returns>
    public long Attach(Fd? stdin, Fd? stdout, Fd? stderr, bool replay)
    {
        if (stdin is not null && _input is null)
        {
            throw new LinuxException("attach", "container without an open stdin", Errno.EPIPE);
        }

        if (stdout is not null)
        {
            AttachOutput(isError: false, stdout, replay);
        }

        if (stderr is not null)
        {
            AttachOutput(isError: true, stderr, replay);
        }

        if (stdin is not null)
        {
            _inputs.Add(new InputRelay(_loop, FileTree.Duplicate(stdin), FileTree.Duplicate(_input!), OnInputEnded));
        }

        return replay ? _log?.Size ?? 0 : 0;
    }

    public void CloseStdin()
    {
        foreach (InputRelay relay in _inputs)
        {
            relay.Close();
        }

        _inputs.Clear();
        _input?.Dispose();
        _input = null;
    }

    /// <summary>The main process has ended: everything that it wrote is in the log when this returns.</summary>
    public void OnMainExit()
    {
        CloseStdin();
        _follower?.Dispose();
        _follower = null;
        foreach (OutputPump output in _outputs.ToArray())
        {
            output.Drain();
        }

        CompleteLines();
    }

    public void OnOutput(OutputPump output, ReadOnlySpan<byte> data)
    {
        if (_log is not null)
        {
            _log.Begin();
            output.Entries.Append(data, _log);
            _log.End();
        }

        for (int i = _attached.Count - 1; i >= 0; i--)
        {
            (bool isError, AttachWriter writer) = _attached[i];
            if (isError == output.IsError)
            {
                writer.Write(data);
            }

            if (writer.IsClosed)
            {
                _attached.RemoveAt(i);
            }
            else if (writer.IsFull && isError == output.IsError)
            {
                output.Pause();
            }
        }
    }

    public void OnEnded(OutputPump output)
    {
        if (_log is not null)
        {
            _log.Begin();
            output.Entries.Complete(_log);
            _log.End();
        }

        for (int i = _attached.Count - 1; i >= 0; i--)
        {
            if (_attached[i].IsError == output.IsError)
            {
                _attached[i].Writer.Complete();
                _attached.RemoveAt(i);
            }
        }
    }

    /// <summary>Closes everything.</summary>
    public void Close()
    {
        CloseStdin();
        _follower?.Dispose();
        _leader?.Dispose();
        foreach (OutputPump output in _outputs)
        {
            output.End();
        }

        foreach ((_, AttachWriter writer) in _attached)
        {
            writer.Close();
        }

        _attached.Clear();
        _log?.Dispose();
    }

    private void AttachOutput(bool isError, Fd target, bool replay)
    {
        OutputPump? output = _outputs.Find(pump => pump.IsError == isError);
        if (output is { HasEnded: false })
        {
            var writer = new AttachWriter(_loop, FileTree.Duplicate(target), () => ResumeUnlessFull(output));
            _attached.Add((isError, writer));
            if (replay)
            {
                writer.Write(output.Entries.Pending);
            }
        }
    }

    // The slowest client sets the pace.
    private void ResumeUnlessFull(OutputPump output)
    {
        if (!_attached.Exists(each => each.IsError == output.IsError && each.Writer.IsFull))
        {
            output.Resume();
        }
    }

    private void OnInputEnded(InputRelay relay)
    {
        _ = _inputs.Remove(relay);
        if (_stdinOnce)
        {
            CloseStdin();
        }
    }

    private void CompleteLines()
    {
        if (_log is null)
        {
            return;
        }

        _log.Begin();
        foreach (OutputPump output in _outputs)
        {
            output.Entries.Complete(_log);
        }

        _log.End();
    }
}
