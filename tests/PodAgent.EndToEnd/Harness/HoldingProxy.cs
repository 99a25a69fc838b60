using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PodAgent.EndToEnd.Harness;

/// <summary>Stands before a server on loopback and holds an answer back in its middle, until it is told to let go.</summary>
internal sealed class HoldingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _requests = new();
    private readonly int _port;
    private readonly long _limit;
    private readonly Task _accepting;

    /// <summary>Begins to listen.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="limit">An answer longer than this is held back where this many bytes have passed.</param>
    public HoldingProxy(int port, long limit)
    {
        _port = port;
        _limit = limit;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    /// <summary>Ends when an answer is held back for the first time.</summary>
    public Task Held => _held.Task;

    /// <summary>What clients have sent since the last call, bodies included.</summary>
    public string TakeRequests()
    {
        lock (_requests)
        {
            string taken = _requests.ToString();
            _requests.Clear();
            return taken;
        }
    }

    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
                NetworkStream near = client.GetStream();
                NetworkStream far = server.GetStream();
                // Either side's end is the end of both.
                await Task.WhenAny(RequestsAsync(near, far), AnswersAsync(far, near));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The peer sees its connection end, as it would without a proxy.
            }
        }
    }

    private async Task RequestsAsync(NetworkStream near, NetworkStream far)
    {
        byte[] buffer = new byte[64 << 10];
        for (int length; (length = await near.ReadAsync(buffer, _end.Token)) > 0;)
        {
            lock (_requests)
            {
                _requests.Append(Encoding.Latin1.GetString(buffer, 0, length));
            }

            await far.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }

    private async Task AnswersAsync(NetworkStream far, NetworkStream near)
    {
        byte[] buffer = new byte[64 << 10];
        long passed = 0;
        for (int length; (length = await far.ReadAsync(buffer, _end.Token)) > 0; passed += length)
        {
            if (passed + length > _limit && !_released.Task.IsCompleted)
            {
                _held.TrySetResult();
                await _released.Task.WaitAsync(_end.Token);
            }

            await near.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }
}
