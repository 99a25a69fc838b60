using System.Security.Cryptography;

namespace PodAgent.Images;

/// <summary>Content digests in the OCI form <c>sha256:</c> and 64 lower-case hexadecimal digits, the only algorithm accepted here.</summary>
internal static class Sha256Digest
{
    public const string Prefix = "sha256:";

    /// <summary>Whether the text is exactly 64 lower-case hexadecimal digits.</summary>
    public static bool IsHex(ReadOnlySpan<char> text) => text.Length == 64 && !text.ContainsAnyExcept("0123456789abcdef");

    /// <summary>What is wrong with a digest, or null.</summary>
    public static string? Check(string digest)
    {
        int colon = digest.IndexOf(':');
        if (colon <= 0)
        {
            return $"\"{digest}\" is no digest";
        }

        if (!digest.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return $"digest algorithm \"{digest[..colon]}\" is not supported, only sha256 is";
        }

        return IsHex(digest.AsSpan(colon + 1)) ? null : $"\"{digest}\" is no sha256 digest: 64 lower-case hexadecimal digits are expected";
    }

    /// <summary>The hexadecimal part.</summary>
    public static string Hex(string digest) => digest[Prefix.Length..];

    /// <summary>The digest of some bytes.</summary>
    public static string Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromHash(hash);
    }

    /// <summary>The text of a finished hash.</summary>
    public static string FromHash(ReadOnlySpan<byte> hash) => Prefix + Convert.ToHexStringLower(hash);
}
