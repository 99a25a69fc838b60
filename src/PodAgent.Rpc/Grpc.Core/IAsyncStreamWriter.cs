namespace Grpc.Core;

/// <summary>Messages going out, one write at a time.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the next messages are written, or null.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Sends a message; completes when the transport has taken it, which is how a slow reader slows a writer.</summary>
    /// <exception cref="InvalidOperationException">A write is running, or the stream is complete.</exception>
    Task WriteAsync(T message);

    /// <summary>Sends a message, and gives up when the token says so.</summary>
    /// <exception cref="InvalidOperationException">A write is running, or the stream is complete.</exception>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("this stream writer does not take a cancellation token");
        }

        return WriteAsync(message);
    }
}
