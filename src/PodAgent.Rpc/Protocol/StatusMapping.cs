using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

/// <summary>What a missing gRPC status is inferred from ("HTTP to gRPC Status Code Mapping" and the HTTP/2 error table of gRPC).</summary>
internal static class StatusMapping
{
    internal static StatusCode FromHttpStatus(int status) => status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>From the error code of RST_STREAM or GOAWAY (RFC 9113, section 7).</summary>
    internal static StatusCode FromHttp2Error(long code) => code switch
    {
        0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xB => StatusCode.ResourceExhausted,
        0xC => StatusCode.PermissionDenied,
        0x0 or 0x1 or 0x2 or 0x3 or 0x4 or 0x6 or 0x9 or 0xA => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    /// <summary>Parses <c>grpc-status</c>; an unknown number is UNKNOWN.</summary>
    internal static StatusCode ParseCode(string text) =>
        int.TryParse(text, out int code) && code is >= (int)StatusCode.OK and <= (int)StatusCode.Unauthenticated
            ? (StatusCode)code
            : StatusCode.Unknown;
}
