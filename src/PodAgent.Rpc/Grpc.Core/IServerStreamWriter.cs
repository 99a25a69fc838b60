namespace Grpc.Core;

/// <summary>The responses of a server; the end of the handler is the end of the stream.</summary>
/// <typeparam name="T">The response.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
