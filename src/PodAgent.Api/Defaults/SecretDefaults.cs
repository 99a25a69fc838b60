using Google.Protobuf;
using PodAgent.Api.Core;

namespace PodAgent.Api.Defaults;

/// <summary>What the API server fills into a Secret.</summary>
public static class SecretDefaults
{
    /// <summary>
    /// Moves <c>stringData</c> into <c>data</c>, where it wins over a key of the same name, and sets the type. <c>stringData</c> is for
    /// writing only: nobody who reads a Secret may have to look there.
    /// </summary>
    /// <param name="secret">Changed in place.</param>
    public static void Apply(Secret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        foreach ((string key, string value) in secret.StringData)
        {
            secret.Data[key] = ByteString.CopyFromUtf8(value);
        }

        secret.StringData.Clear();
        if (secret.Type.Length == 0)
        {
            secret.Type = "Opaque";
        }
    }
}
