using PodAgent.Cri.Containers;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Streams;

/// <summary>The pipes, or the terminal, between one command and its client.</summary>
internal sealed class ExecStreams : IDisposable
{
    private readonly StdioEnd? _stdin;
    private readonly StdioEnd? _stdout;
    private readonly StdioEnd? _stderr;
    private readonly TerminalEnd? _terminal;

    private ExecStreams(StdioEnd? stdin, StdioEnd? stdout, StdioEnd? stderr, TerminalEnd? terminal) =>
        (_stdin, _stdout, _stderr, _terminal) = (stdin, stdout, stderr, terminal);

    public ExecStdio ForProcess => new(_stdin?.Process, _stdout?.Process, _stderr?.Process, _terminal?.Process);

    public IEnumerable<(Stream Stream, bool IsError)> Outputs
    {
        get
        {
            if (_terminal is not null)
            {
                yield return (_terminal.Agent, false);
            }

            if (_stdout is not null)
            {
                yield return (_stdout.Agent, false);
            }

            if (_stderr is not null)
            {
                yield return (_stderr.Agent, true);
            }
        }
    }

    /// <param name="stdio">Where they come from.</param>
    /// <param name="parameters">What the client wants.</param>
    /// <param name="pid">The container's main process, as the node numbers it.</param>
    public static ExecStreams Open(IStdio stdio, ExecParameters parameters, int pid) => parameters.Tty
        ? new ExecStreams(null, null, null, stdio.Terminal(parameters.Size?.Columns ?? 80, parameters.Size?.Rows ?? 24, pid))
        : new ExecStreams(
            parameters.Stdin ? stdio.Input() : null, parameters.Stdout ? stdio.Output() : null, parameters.Stderr ? stdio.Output() : null, null);

    public InputPump Input() => _terminal is not null
        ? new InputPump(_terminal.Agent, closable: false, size =>
        {
            _terminal.Resize(size.Columns, size.Rows);
            return Task.CompletedTask;
        })
        : new InputPump(_stdin?.Agent, closable: true, null);

    // As long as the agent holds them too, the end of the process is not the end of its output.
    public void CloseProcessEnds()
    {
        _stdin?.Process.Dispose();
        _stdout?.Process.Dispose();
        _stderr?.Process.Dispose();
        _terminal?.Process.Dispose();
    }

    // The last holder of a terminal's leader is gone: the kernel sends SIGHUP to those at the follower (pty(7)).
    public void HangUp() => _terminal?.Agent.Dispose();

    public void Dispose()
    {
        _stdin?.Dispose();
        _stdout?.Dispose();
        _stderr?.Dispose();
        _terminal?.Dispose();
    }
}
