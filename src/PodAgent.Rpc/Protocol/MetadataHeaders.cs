using System.Buffers;
using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

/// <summary>Metadata to and from header values.</summary>
internal static class MetadataHeaders
{
    private static readonly SearchValues<char> s_keyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");

    /// <summary>The header value of an entry.</summary>
    /// <exception cref="RpcException">A text value cannot travel (INTERNAL).</exception>
    internal static string Encode(Metadata.Entry entry)
    {
        if (entry.IsBinary)
        {
            // Unpadded is what the protocol asks of senders.
            return Convert.ToBase64String(entry.ValueSpan).TrimEnd('=');
        }

        string value = entry.Value;
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new RpcException(new Status(
                StatusCode.Internal,
                $"cannot send metadata \"{entry.Key}\": its value has characters other than printable ASCII; "
                    + "a key ending in \"-bin\" takes any bytes"));
        }

        return value;
    }

    /// <summary>Adds a received header, unless it belongs to the protocol.</summary>
    /// <exception cref="RpcException">A binary value is not base64 (INTERNAL).</exception>
    internal static void Decode(Metadata metadata, string name, string? value)
    {
        name = name.ToLowerInvariant();
        if (value is null || ProtocolHeaders.IsReserved(name) || name.AsSpan().ContainsAnyExcept(s_keyCharacters))
        {
            return;
        }

        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal))
        {
            metadata.Add(name, value);
            return;
        }

        // Proxies may join repeated headers by commas, which base64 does not know.
        foreach (Range part in value.AsSpan().Split(','))
        {
            metadata.Add(name, DecodeBase64(name, value.AsSpan()[part].Trim()));
        }
    }

    /// <summary>What arrives at the other end when this is sent, without sending it.</summary>
    /// <exception cref="RpcException">A text value cannot travel (INTERNAL).</exception>
    internal static Metadata Transfer(Metadata metadata)
    {
        var received = new Metadata();
        foreach (Metadata.Entry entry in metadata)
        {
            if (ProtocolHeaders.IsReserved(entry.Key))
            {
                continue;
            }

            if (!entry.IsBinary)
            {
                _ = Encode(entry);
            }

            received.Add(entry);
        }

        return received;
    }

    private static byte[] DecodeBase64(string name, ReadOnlySpan<char> text)
    {
        text = text.TrimEnd('=');
        Span<char> padded = text.Length <= 256 ? stackalloc char[260] : new char[text.Length + 4];
        text.CopyTo(padded);
        int length = text.Length;
        while (length % 4 != 0)
        {
            padded[length++] = '=';
        }

        byte[] bytes = new byte[length / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded[..length], bytes, out int written))
        {
            throw new RpcException(new Status(StatusCode.Internal, $"the value of the metadata \"{name}\" is not base64"));
        }

        return bytes[..written];
    }
}
