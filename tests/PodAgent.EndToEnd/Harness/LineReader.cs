using System.Diagnostics;

namespace PodAgent.EndToEnd.Harness;

/// <summary>A program that goes on while a test reads its standard output line by line. Disposing kills it.</summary>
internal sealed class LineReader : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    private readonly List<string> _seen = [];

    public LineReader(Process process) => Process = process;

    public Process Process { get; }

    public IReadOnlyList<string> Seen => _seen;

    /// <summary>The next line; null at the end.</summary>
    public async Task<string?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        try
        {
            string? line = await Process.StandardOutput.ReadLineAsync(limit.Token);
            if (line is not null)
            {
                _seen.Add(line);
            }

            return line;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no further line; so far:\n{string.Join('\n', _seen)}");
        }
    }

    /// <summary>Reads until a line matches.</summary>
    public async Task<string> UntilAsync(Func<string, bool> condition)
    {
        while (await ReadAsync() is { } line)
        {
            if (condition(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"the output ended; it was:\n{string.Join('\n', _seen)}\nstderr: {await Process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Waits for the program's own end; returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        while (await ReadAsync() is not null)
        {
        }

        using var limit = new CancellationTokenSource(s_patience);
        await Process.WaitForExitAsync(limit.Token);
        return Process.ExitCode;
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.Dispose();
    }
}
