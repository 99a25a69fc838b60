namespace PodAgent.Rpc.Protocol;

/// <summary>Header names of gRPC over HTTP/2.</summary>
internal static class ProtocolHeaders
{
    internal const string Status = "grpc-status";
    internal const string Message = "grpc-message";
    internal const string Timeout = "grpc-timeout";
    internal const string Encoding = "grpc-encoding";
    internal const string AcceptEncoding = "grpc-accept-encoding";
    internal const string ContentType = "content-type";
    internal const string Te = "te";
    internal const string UserAgent = "user-agent";

    /// <summary>
    /// Names that belong to the protocol or to HTTP: they are neither shown to users nor taken from them.
    /// <c>grpc-status-details-bin</c> is not among them: it is ordinary metadata with an agreed name.
    /// </summary>
    internal static bool IsReserved(string name) => name switch
    {
        Status or Message or Timeout or Encoding or AcceptEncoding or ContentType or Te => true,
        "grpc-message-type" or "host" or "connection" or "content-length" or "transfer-encoding" => true,
        "keep-alive" or "proxy-connection" or "upgrade" or "date" or "trailer" => true,
        _ => name.StartsWith(':'),
    };
}
