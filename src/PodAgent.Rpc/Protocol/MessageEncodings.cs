namespace PodAgent.Rpc.Protocol;

/// <summary>The message encodings that both sides here know.</summary>
internal static class MessageEncodings
{
    internal const string Identity = "identity";
    internal const string Gzip = "gzip";

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    internal const string Accepted = "identity,gzip";

    internal static bool IsKnown(string? encoding) => encoding is null or Identity or Gzip;

    /// <summary>Whether an accept list names gzip.</summary>
    internal static bool AcceptsGzip(string? acceptEncoding)
    {
        foreach (Range part in acceptEncoding.AsSpan().Split(','))
        {
            if (acceptEncoding.AsSpan()[part].Trim().Equals(Gzip, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
