namespace PodAgent.Images.Registry.Authentication;

/// <summary>What may prove to an endpoint who asks: a credential that is there, or programs that may have one.</summary>
/// <param name="candidates">In order of precedence.</param>
internal sealed class EndpointCredential(IReadOnlyList<CredentialCandidate> candidates)
{
    /// <summary>The credential when no program has to be run to have it.</summary>
    public RegistryCredential? Known => candidates.Count > 0 ? candidates[0].Credential : null;

    /// <summary>The first credential that there is; null: nobody has one.</summary>
    /// <exception cref="RegistryException">A program that is named cannot be run, or fails.</exception>
    public async Task<RegistryCredential?> GetAsync(CancellationToken ct)
    {
        foreach (CredentialCandidate candidate in candidates)
        {
            RegistryCredential? found = candidate.Helper is { } helper ? await helper.GetAsync(ct).ConfigureAwait(false) : candidate.Credential;
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }
}
