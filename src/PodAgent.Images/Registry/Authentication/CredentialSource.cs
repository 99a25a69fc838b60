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
/// <param name="searchPath">Where credential helpers are.</param>
internal sealed class CredentialSource(ImageReference name, RegistryCredential? given, IReadOnlyList<AuthFile> files, string searchPath)
{
    // Docker's name for its own registry, in its helpers as in its files.
    private const string DockerServer = "https://index.docker.io/v1/";

    /// <summary>Whether a file that came with the request leaves its secrets to programs, for a hint when a registry refuses: these are not run.</summary>
    public bool HasForeignHelpers => files.Any(file => file.HasHelpers && !file.IsOfNode);

    public EndpointCredential For(RegistryEndpoint endpoint)
    {
        if (endpoint.IsUpstream && given is { IsEmpty: false })
        {
            return new EndpointCredential([new CredentialCandidate(given, null)]);
        }

        string authority = endpoint.IsUpstream ? name.Domain : endpoint.Authority;
        var candidates = new List<CredentialCandidate>();
        foreach (AuthFile file in files)
        {
            if (file.IsOfNode && file.HelperFor(authority) is { Length: > 0 } helper)
            {
                string server = authority is "docker.io" or "registry-1.docker.io" or "index.docker.io" ? DockerServer : authority;
                candidates.Add(new CredentialCandidate(null, new CredentialProgram(helper, server, file.Name, searchPath)));
            }

            if (file.Find(authority, name.Path) is { } found)
            {
                candidates.Add(new CredentialCandidate(found, null));
                break;
            }
        }

        return new EndpointCredential(candidates);
    }
}
