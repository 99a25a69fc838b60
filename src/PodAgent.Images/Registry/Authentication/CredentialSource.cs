using PodAgent.Images.References;
using PodAgent.Images.Registry.Hosts;

namespace PodAgent.Images.Registry.Authentication;

/// <summary>
/// Which credential is for which endpoint. One that came with the request is for the registry that the image's name means and for no mirror:
/// whoever runs a mirror must not learn it. Files speak for themselves.
/// </summary>
/// <param name="name">The image.</param>
/// <param name="given">Came with the request; null: none.</param>
/// <param name="files">In order of precedence.</param>
internal sealed class CredentialSource(ImageReference name, RegistryCredential? given, IReadOnlyList<AuthFile> files)
{
    /// <summary>Whether some file leaves its secrets to programs, for a hint when a registry refuses.</summary>
    public bool HasHelpers => files.Any(file => file.HasHelpers);

    public RegistryCredential? For(RegistryEndpoint endpoint)
    {
        if (endpoint.IsUpstream && given is { IsEmpty: false })
        {
            return given;
        }

        string authority = endpoint.IsUpstream ? name.Domain : endpoint.Authority;
        return files.Select(file => file.Find(authority, name.Path)).FirstOrDefault(found => found is not null);
    }
}
