using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>Sends the status of a call.</summary>
internal static class HttpCallEnd
{
    /// <summary>Sends the status and ends the response; returns what was really sent.</summary>
    /// <param name="http">The request.</param>
    /// <param name="outcome">The status with its trailers.</param>
    /// <param name="bodyWritten">Whether a message was written, flushed or not: the status is a trailer then.</param>
    internal static async ValueTask<CallOutcome> WriteAsync(HttpContext http, CallOutcome outcome, bool bodyWritten = false)
    {
        IHeaderDictionary target;
        if (bodyWritten || http.Response.HasStarted)
        {
            target = http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        }
        else
        {
            target = http.Response.Headers;
            http.Response.ContentType = ContentTypes.Grpc;
            target[ProtocolHeaders.AcceptEncoding] = MessageEncodings.Accepted;
            target.Remove(ProtocolHeaders.Encoding);
        }

        try
        {
            foreach (Metadata.Entry entry in outcome.Trailers)
            {
                if (!ProtocolHeaders.IsReserved(entry.Key))
                {
                    target.Append(entry.Key, MetadataHeaders.Encode(entry));
                }
            }
        }
        catch (RpcException e)
        {
            // Trailers that cannot travel are a fault of the handler; the client learns that instead of nothing.
            outcome = outcome with { Status = e.Status, Exception = outcome.Exception ?? e };
        }

        target[ProtocolHeaders.Status] = ((int)outcome.Status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (outcome.Status.Detail.Length > 0)
        {
            target[ProtocolHeaders.Message] = PercentEncoding.Encode(outcome.Status.Detail);
        }

        await http.Response.CompleteAsync().ConfigureAwait(false);
        return outcome;
    }
}
