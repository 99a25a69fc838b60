using System.Diagnostics;

namespace PodAgent.Benchmarks.Streams;

/// <summary>A client of the streaming server that counts what comes and looks at none of it: what is measured is the other side.</summary>
internal abstract class StreamClient : IAsyncDisposable
{
    private const int SendSize = 64 << 10;

    /// <summary>What the server said about how it went.</summary>
    protected abstract string Status { get; }

    /// <summary>Sends so many bytes.</summary>
    public async Task SendAsync(long bytes)
    {
        byte[] piece = new byte[SendSize];
        for (long sent = 0; sent < bytes; sent += piece.Length)
        {
            await SendAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, bytes - sent)));
        }
    }

    /// <summary>Receives so many bytes; returns the seconds since the first ones came.</summary>
    public async Task<double> ReceiveAsync(long bytes)
    {
        long received = await ReceiveAsync();
        long start = Stopwatch.GetTimestamp();
        while (received < bytes)
        {
            int count = await ReceiveAsync();
            received += count > 0 ? count : throw new InvalidOperationException($"the stream ended after {received} of {bytes} bytes: {Status}");
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public abstract Task SendAsync(ReadOnlyMemory<byte> data);

    public abstract ValueTask DisposeAsync();

    /// <summary>The next bytes of the process's or the port's output; 0: its end.</summary>
    protected abstract ValueTask<int> ReceiveAsync();
}
