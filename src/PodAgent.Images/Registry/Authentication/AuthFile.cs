using System.Text;
using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Authentication;

/// <summary>
/// Credentials in the format of docker's <c>config.json</c> and podman's <c>auth.json</c>: by registry, or by registry and the beginning of
/// the path; and the names of credential helpers, which are programs.
/// </summary>
internal sealed class AuthFile
{
    private const int MaxSize = 4 << 20;
    private readonly List<(string Key, RegistryCredential Credential)> _entries = [];
    private readonly List<(string Key, string Helper)> _helpers = [];
    private string _store = "";

    private AuthFile(string name, bool isOfNode)
    {
        Name = name;
        IsOfNode = isOfNode;
    }

    /// <summary>Path, or what it is called in messages.</summary>
    public string Name { get; }

    /// <summary>Whether the node's owner put it there: only then are the programs run that it names.</summary>
    public bool IsOfNode { get; }

    /// <summary>Whether it leaves secrets to programs.</summary>
    public bool HasHelpers => _store.Length > 0 || _helpers.Count > 0;

    /// <summary>Reads a file; null when there is none.</summary>
    /// <exception cref="AgentException">FailedPrecondition: it cannot be read or understood. The message holds nothing of its content.</exception>
    public static AuthFile? TryRead(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? null
                : file.Length > MaxSize ? throw new AgentException(ErrorKind.FailedPrecondition, $"credential file \"{path}\" is larger than {MaxSize} bytes")
                : Parse(File.ReadAllBytes(path), path, isOfNode: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot read credential file \"{path}\": {e.Message}", e);
        }
    }

    /// <summary>Reads the content of a file.</summary>
    /// <param name="content">JSON.</param>
    /// <param name="name">Path, or what it is called in messages.</param>
    /// <param name="isOfNode">Whether the node's owner put it there.</param>
    /// <exception cref="AgentException">As for <see cref="TryRead"/>.</exception>
    public static AuthFile Parse(ReadOnlyMemory<byte> content, string name, bool isOfNode = false)
    {
        string what = $"credential file \"{name}\"";
        try
        {
            using JsonDocument document = JsonFields.Parse(content, what);
            var file = new AuthFile(name, isOfNode) { _store = Helper(JsonFields.Text(document.RootElement, "credsStore", what), $"{what}: field \"credsStore\"") };
            if (JsonFields.Find(document.RootElement, "credHelpers", JsonValueKind.Object, what) is { } helpers)
            {
                foreach (JsonProperty entry in helpers.EnumerateObject())
                {
                    file._helpers.Add((Normalise(entry.Name), Helper(JsonFields.Text(helpers, entry.Name, what), $"{what}, helper of \"{entry.Name}\"")));
                }
            }

            if (JsonFields.Find(document.RootElement, "auths", JsonValueKind.Object, what) is { } entries)
            {
                foreach (JsonProperty entry in entries.EnumerateObject())
                {
                    file._entries.Add((Normalise(entry.Name), Credential(entry.Value, $"{what}, entry \"{entry.Name}\"")));
                }
            }

            return file;
        }
        catch (ContentException e)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, e.Message, e);
        }
    }

    /// <summary>The credential of the longest entry that covers a repository; null when there is none.</summary>
    /// <param name="authority">Host with optional port.</param>
    /// <param name="path">Path of the repository there.</param>
    public RegistryCredential? Find(string authority, string path)
    {
        string repository = Normalise(authority) + "/" + path;
        return _entries
            .Where(entry => !entry.Credential.IsEmpty && Covers(entry.Key, repository))
            .OrderByDescending(entry => entry.Key.Length)
            .FirstOrDefault().Credential;
    }

    /// <summary>The name of the program that keeps a registry's secret; empty: none is named.</summary>
    /// <param name="authority">Host with optional port.</param>
    public string HelperFor(string authority)
    {
        string host = Normalise(authority);
        string helper = _helpers.FirstOrDefault(entry => entry.Key == host).Helper ?? "";
        return helper.Length > 0 ? helper : _store;
    }

    /// <summary>Splits what is stored in base64: <c>user:password</c>.</summary>
    /// <returns>Null when it is malformed.</returns>
    public static (string Username, string Password)? Decode(string auth)
    {
        byte[] bytes = new byte[auth.Length];
        if (!Convert.TryFromBase64String(auth.Trim(), bytes, out int length))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0');
        int colon = text.IndexOf(':');
        return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
    }

    private static string Helper(string name, string what) => name.Length == 0 || CredentialProgram.IsName(name)
        ? name
        : throw new ContentException(ErrorKind.FailedPrecondition, $"{what} is no name of letters, digits, \"-\", \"_\" and \".\"");

    private static RegistryCredential Credential(JsonElement entry, string what)
    {
        string auth = JsonFields.Text(entry, "auth", what);
        (string username, string password) = (JsonFields.Text(entry, "username", what), JsonFields.Text(entry, "password", what));
        if (auth.Length > 0)
        {
            (username, password) = Decode(auth)
                ?? throw new ContentException(ErrorKind.FailedPrecondition, $"{what}: field \"auth\" is no base64 of user:password");
        }

        string identity = JsonFields.Text(entry, "identitytoken", what);

        // Docker's way to say that the password is an identity token.
        return username == "<token>"
            ? new RegistryCredential { IdentityToken = password }
            : new RegistryCredential
            {
                Username = username,
                Password = password,
                IdentityToken = identity,
                RegistryToken = JsonFields.Text(entry, "registrytoken", what),
            };
    }

    // Docker writes "https://index.docker.io/v1/", podman "docker.io".
    private static string Normalise(string key)
    {
        string rest = key;
        foreach (string scheme in (string[])["https://", "http://"])
        {
            rest = rest.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? rest[scheme.Length..] : rest;
        }

        rest = rest.TrimEnd('/');
        foreach (string version in (string[])["/v1", "/v2"])
        {
            rest = rest.EndsWith(version, StringComparison.Ordinal) ? rest[..^version.Length] : rest;
        }

        int slash = rest.IndexOf('/');
        string host = (slash < 0 ? rest : rest[..slash]).ToLowerInvariant();
        return (host is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host) + (slash < 0 ? "" : rest[slash..]);
    }

    // "*.example.com" stands for one label, as kubelets have it.
    private static bool Covers(string key, string repository)
    {
        string[] keyParts = key.Split('/');
        string[] parts = repository.Split('/');
        if (keyParts.Length > parts.Length || !keyParts.Skip(1).SequenceEqual(parts.Skip(1).Take(keyParts.Length - 1)))
        {
            return false;
        }

        string[] keyLabels = keyParts[0].Split('.');
        string[] labels = parts[0].Split('.');
        return keyLabels.Length == labels.Length && keyLabels.Zip(labels).All(pair => pair.First == "*" || pair.First == pair.Second);
    }
}
