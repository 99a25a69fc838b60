using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using Grpc.Core;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Client;

/// <summary>How a call ended, as its client sees it.</summary>
internal sealed record CallEnd(Status Status, Metadata Trailers)
{
    /// <summary>The end that the response headers tell, or null when messages may follow.</summary>
    internal static CallEnd? FromHeaders(HttpResponseMessage response, RpcAddress address)
    {
        if (TryReadStatus(response.Headers) is { } trailersOnly)
        {
            return trailersOnly;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new CallEnd(
                new Status(
                    StatusMapping.FromHttpStatus((int)response.StatusCode),
                    $"\"{address.Text}\" answered with the HTTP status {(int)response.StatusCode} instead of a gRPC response"),
                ToMetadata(response.Headers));
        }

        string? contentType = First(response.Content.Headers, ProtocolHeaders.ContentType);
        if (!ContentTypes.IsGrpc(contentType))
        {
            return new CallEnd(
                new Status(
                    StatusCode.Unknown,
                    $"\"{address.Text}\" answered with the content type \"{contentType}\" instead of a gRPC response"),
                ToMetadata(response.Headers));
        }

        string? encoding = First(response.Headers, ProtocolHeaders.Encoding);
        return MessageEncodings.IsKnown(encoding)
            ? null
            : new CallEnd(
                new Status(
                    StatusCode.Internal, $"\"{address.Text}\" answered with the message encoding \"{encoding}\", which was not offered"),
                []);
    }

    /// <summary>The end that the trailers tell.</summary>
    internal static CallEnd FromTrailers(HttpResponseMessage response) =>
        TryReadStatus(response.TrailingHeaders)
        ?? new CallEnd(new Status(StatusCode.Unknown, "the server ended the call without a status"), ToMetadata(response.TrailingHeaders));

    internal static Metadata ToMetadata(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            foreach (string value in values)
            {
                MetadataHeaders.Decode(metadata, name, value);
            }
        }

        return metadata;
    }

    internal static string? First(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.FirstOrDefault() : null;

    internal RpcException ToException() => new(Status, Trailers);

    private static CallEnd? TryReadStatus(HttpHeaders headers)
    {
        if (First(headers, ProtocolHeaders.Status) is not { } code)
        {
            return null;
        }

        string message = First(headers, ProtocolHeaders.Message) ?? "";
        return new CallEnd(new Status(StatusMapping.ParseCode(code), PercentEncoding.Decode(message)), ToMetadata(headers));
    }
}
