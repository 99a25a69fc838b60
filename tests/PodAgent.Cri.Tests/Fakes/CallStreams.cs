using System.Threading.Channels;
using Grpc.Core;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>A client's side of a streaming call.</summary>
internal sealed class RequestStream<T> : IAsyncStreamReader<T>
{
    private readonly Channel<T> _channel = Channel.CreateUnbounded<T>();

    public T Current { get; private set; } = default!;

    public void Send(T message) => _channel.Writer.TryWrite(message);

    public void Complete() => _channel.Writer.TryComplete();

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!await _channel.Reader.WaitToReadAsync(cancellationToken))
        {
            return false;
        }

        Current = await _channel.Reader.ReadAsync(cancellationToken);
        return true;
    }
}

/// <summary>What a server wrote; writing fails when two writes overlap, as gRPC's writers do.</summary>
internal sealed class ResponseStream<T> : IServerStreamWriter<T>
{
    private readonly Channel<T> _channel = Channel.CreateUnbounded<T>();
    private int _writing;

    public WriteOptions? WriteOptions { get; set; }

    public async Task WriteAsync(T message)
    {
        Assert.Equal(0, Interlocked.Exchange(ref _writing, 1));
        await Task.Yield();
        _channel.Writer.TryWrite(message);
        Interlocked.Exchange(ref _writing, 0);
    }

    public Task WriteAsync(T message, CancellationToken cancellationToken) => WriteAsync(message);

    public async Task<T> NextAsync() => await _channel.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
}
