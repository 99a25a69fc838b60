namespace PodAgent.Images.Registry.Authentication;

/// <summary>A credential, or a program that may have one.</summary>
/// <param name="Credential">Null: the program has to be asked.</param>
/// <param name="Helper">Null: the credential is there.</param>
internal readonly record struct CredentialCandidate(RegistryCredential? Credential, CredentialProgram? Helper);
