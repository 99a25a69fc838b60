using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>What the request headers of a call say.</summary>
/// <param name="Headers">The metadata.</param>
/// <param name="Deadline">In UTC; <see cref="DateTime.MaxValue"/> without a limit.</param>
/// <param name="Encoding">The message encoding, null for none.</param>
/// <param name="AcceptsGzip">Whether responses may be compressed.</param>
internal readonly record struct HttpCallRequest(Metadata Headers, DateTime Deadline, string? Encoding, bool AcceptsGzip)
{
    internal static bool TryRead(HttpContext http, TimeProvider time, out HttpCallRequest request, out CallOutcome refusal)
    {
        request = default;
        refusal = default;
        IHeaderDictionary headers = http.Request.Headers;
        DateTime deadline = DateTime.MaxValue;
        if (headers.TryGetValue(ProtocolHeaders.Timeout, out StringValues timeout))
        {
            if (!GrpcTimeout.TryParse(timeout.ToString(), out TimeSpan span))
            {
                return Refuse(
                    StatusCode.Internal,
                    $"the timeout \"{timeout}\" is not one to eight digits and a unit (H, M, S, m, u, n)",
                    out refusal);
            }

            DateTime now = time.GetUtcNow().UtcDateTime;
            deadline = span < DateTime.MaxValue - now ? now + span : DateTime.MaxValue;
        }

        string? encoding = headers[ProtocolHeaders.Encoding];
        if (!MessageEncodings.IsKnown(encoding))
        {
            return Refuse(
                StatusCode.Unimplemented,
                $"the message encoding \"{encoding}\" is not supported, these are: {MessageEncodings.Accepted}",
                out refusal);
        }

        var metadata = new Metadata();
        try
        {
            foreach ((string name, StringValues values) in headers)
            {
                foreach (string? value in values)
                {
                    MetadataHeaders.Decode(metadata, name, value);
                }
            }
        }
        catch (RpcException e)
        {
            refusal = new CallOutcome(e.Status, [], e);
            return false;
        }

        request = new HttpCallRequest(
            metadata,
            deadline,
            encoding == MessageEncodings.Identity ? null : encoding,
            MessageEncodings.AcceptsGzip(headers[ProtocolHeaders.AcceptEncoding].ToString()));
        return true;
    }

    private static bool Refuse(StatusCode code, string message, out CallOutcome refusal)
    {
        refusal = new CallOutcome(new Status(code, message), [], null);
        return false;
    }
}
