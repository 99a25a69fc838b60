namespace PodAgent.Rpc.Protocol;

/// <summary>The content types of gRPC with protobuf messages.</summary>
internal static class ContentTypes
{
    internal const string Grpc = "application/grpc";
    internal const string GrpcProto = "application/grpc+proto";

    /// <summary>
    /// Whether the content type is gRPC. Other suffixes (<c>+json</c>) and gRPC-Web are other formats, parameters are allowed.
    /// </summary>
    internal static bool IsGrpc(string? contentType)
    {
        if (contentType is null)
        {
            return false;
        }

        ReadOnlySpan<char> type = contentType;
        int parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        return type.Equals(Grpc, StringComparison.OrdinalIgnoreCase) || type.Equals(GrpcProto, StringComparison.OrdinalIgnoreCase);
    }
}
