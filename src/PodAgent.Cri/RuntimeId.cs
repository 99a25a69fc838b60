using System.Security.Cryptography;

namespace PodAgent.Cri;

/// <summary>IDs of sandboxes and containers: 64 lower-case hexadecimal digits, drawn at random.</summary>
internal static class RuntimeId
{
    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static bool IsWellFormed(string id) => id.Length == 64 && id.All(char.IsAsciiHexDigitLower);

    // What people see in messages; the full ID is in the structured log.
    public static string Short(string id) => id.Length > 12 ? id[..12] : id;
}
