namespace PodAgent.Images.Registry;

/// <summary>What proves to a registry who asks. Never logged: <see cref="ToString"/> tells the kind only.</summary>
public sealed record RegistryCredential
{
    /// <summary>User name for basic authentication or a token server; empty: none.</summary>
    public string Username { get; init; } = "";

    /// <summary>Password for <see cref="Username"/>.</summary>
    public string Password { get; init; } = "";

    /// <summary>A refresh token that a token server exchanges for access tokens; empty: none.</summary>
    public string IdentityToken { get; init; } = "";

    /// <summary>A bearer token for the registry itself; empty: none.</summary>
    public string RegistryToken { get; init; } = "";

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => Username.Length == 0 && IdentityToken.Length == 0 && RegistryToken.Length == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        RegistryToken.Length > 0 ? "registry token" : IdentityToken.Length > 0 ? "identity token" : Username.Length > 0 ? "password" : "none";
}
