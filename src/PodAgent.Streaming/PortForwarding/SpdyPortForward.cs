using System.Globalization;
using System.Text;
using PodAgent.Streaming.Spdy;

namespace PodAgent.Streaming.PortForwarding;

/// <summary>
/// Port-forward over SPDY: for each connection the client opens a pair of streams, <c>error</c> and <c>data</c>, with the same
/// <c>requestid</c> and <c>port</c>. The session lasts until the client leaves.
/// </summary>
public sealed class SpdyPortForward(SpdyConnection connection, IPortConnector connector, TimeSpan pairTimeout, TimeProvider time)
{
    private const string TypeHeader = "streamtype";
    private const string PortHeader = "port";
    private const string RequestHeader = "requestid";
    private const string ErrorType = "error";
    private const string DataType = "data";

    private readonly Dictionary<string, Pair> _waiting = [];
    private readonly HashSet<Task> _running = [];

    /// <summary>Serves until the client has gone or the token is cancelled; the connections end with it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (SpdyStream stream in connection.Incoming.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                Take(stream, stop.Token);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The pod stops, or the agent.
        }

        await stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private void Take(SpdyStream stream, CancellationToken stop)
    {
        string type = stream.Headers.GetValueOrDefault(TypeHeader, "");
        string port = stream.Headers.GetValueOrDefault(PortHeader, "");
        if (type is not (ErrorType or DataType) || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
        {
            stream.Reset(SpdyResetStatus.ProtocolError);
            return;
        }

        // Clients from before request IDs opened the data stream right behind its error stream.
        string request = stream.Headers.GetValueOrDefault(RequestHeader)
            ?? $"stream {(type == ErrorType ? stream.Id : stream.Id - 2).ToString(CultureInfo.InvariantCulture)}";
        lock (_running)
        {
            if (!_waiting.Remove(request, out Pair? pair))
            {
                pair = new Pair();
                _waiting.Add(request, pair);
                Track(ExpireAsync(request, pair, stop));
            }

            if (!pair.Add(type == ErrorType, stream))
            {
                // Twice the same half: which one would be meant?
                stream.Reset(SpdyResetStatus.ProtocolError);
                _waiting.Add(request, pair);
            }
            else if (pair is { Error: { } error, Data: { } data })
            {
                pair.Complete.SetResult();
                Track(ForwardAsync(number, error, data, stop));
            }
            else
            {
                _waiting[request] = pair;
            }
        }
    }

    private void Track(Task task)
    {
        _running.Add(task);
        _ = task.ContinueWith(
            ended =>
            {
                lock (_running)
                {
                    _running.Remove(ended);
                }
            },
            TaskScheduler.Default);
    }

    private async Task ExpireAsync(string request, Pair pair, CancellationToken stop)
    {
        try
        {
            await pair.Complete.Task.WaitAsync(pairTimeout, time, stop).ConfigureAwait(false);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            lock (_running)
            {
                _waiting.Remove(request);
            }

            pair.Error?.Reset(SpdyResetStatus.Cancel);
            pair.Data?.Reset(SpdyResetStatus.Cancel);
        }
    }

    private async Task ForwardAsync(int port, SpdyStream error, SpdyStream data, CancellationToken stop)
    {
        // Not under the lock of who called.
        await Task.Yield();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, data.Aborted);
        try
        {
            using IPortConnection pod = await connector.ConnectAsync(port, ended.Token).ConfigureAwait(false);
            if (!await PortRelay.RunAsync(pod, data, data.CompleteWritesAsync, ended.Token).ConfigureAwait(false))
            {
                data.Reset(SpdyResetStatus.Cancel);
            }

            // Empty: nothing went wrong.
            await error.CompleteWritesAsync(stop).ConfigureAwait(false);
        }
        catch (IOException refused)
        {
            await SayAsync(error, refused.Message, stop).ConfigureAwait(false);
            data.Reset(SpdyResetStatus.Cancel);
        }
        catch (OperationCanceledException)
        {
            data.Reset(SpdyResetStatus.Cancel);
            error.Reset(SpdyResetStatus.Cancel);
        }
    }

    private static async Task SayAsync(SpdyStream error, string message, CancellationToken stop)
    {
        try
        {
            await error.WriteAsync(Encoding.UTF8.GetBytes(message), stop).ConfigureAwait(false);
            await error.CompleteWritesAsync(stop).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // Nobody is left to hear it.
        }
    }

    private sealed class Pair
    {
        public SpdyStream? Error { get; private set; }

        public SpdyStream? Data { get; private set; }

        public TaskCompletionSource Complete { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Add(bool isError, SpdyStream stream)
        {
            if ((isError ? Error : Data) is not null)
            {
                return false;
            }

            _ = isError ? Error = stream : Data = stream;
            return true;
        }
    }
}
