using System.Text;
using PodAgent.Api.Cri;
using PodAgent.Images.References;
using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>CRI's AuthConfig as a credential.</summary>
internal static class AuthConfigView
{
    /// <summary>The credential for an image's registry; null when there is none, or when it is for another server.</summary>
    /// <exception cref="AgentException">InvalidArgument: a field is malformed. The message holds nothing of it.</exception>
    public static RegistryCredential? ToCredential(AuthConfig? auth, string reference)
    {
        if (auth is null || !IsFor(auth.ServerAddress, reference))
        {
            return null;
        }

        var credential = new RegistryCredential
        {
            Username = auth.Username,
            Password = auth.Password,
            IdentityToken = auth.IdentityToken,
            RegistryToken = auth.RegistryToken,
        };
        if (credential.IsEmpty && auth.Auth.Length > 0)
        {
            byte[] bytes = new byte[auth.Auth.Length];
            string text = Convert.TryFromBase64String(auth.Auth, bytes, out int length) ? Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0') : "";
            int colon = text.IndexOf(':');
            credential = colon >= 0
                ? credential with { Username = text[..colon], Password = text[(colon + 1)..] }
                : throw new AgentException(ErrorKind.InvalidArgument, "auth.auth: no base64 of user:password");
        }

        return credential.IsEmpty ? null : credential;
    }

    private static bool IsFor(string server, string reference)
    {
        if (server.Length == 0 || ImageReference.TryParse(reference, out ImageReference? name) is not null)
        {
            return true;
        }

        string host = server;
        int scheme = host.IndexOf("://", StringComparison.Ordinal);
        host = scheme < 0 ? host : host[(scheme + 3)..];
        int slash = host.IndexOf('/');
        host = slash < 0 ? host : host[..slash];
        return host == name!.Domain || (name.Domain == "docker.io" && host is "index.docker.io" or "registry-1.docker.io");
    }
}
