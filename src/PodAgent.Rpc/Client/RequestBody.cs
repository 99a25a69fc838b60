using System.Net;
using System.Net.Http;

namespace PodAgent.Rpc.Client;

/// <summary>
/// The body of a request. The HTTP client asks for it once there is a connection, and again when it moves the request to
/// another connection because the first one refused it before anything was processed.
/// </summary>
internal sealed class RequestBody(Func<Stream, CancellationToken, Task> write) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        write(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
