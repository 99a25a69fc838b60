using PodAgent.Linux;

namespace PodAgent.Images.References;

/// <summary>
/// A normalised image name: <c>domain/path[:tag][@digest]</c>. The grammar and the defaults are those of docker and containerd
/// (distribution reference specification): <c>busybox</c> is <c>docker.io/library/busybox</c>.
/// </summary>
public sealed record ImageReference
{
    private ImageReference(string domain, string path, string? tag, string? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>Registry host with optional port: <c>docker.io</c>, <c>localhost:5000</c>, <c>[::1]:5000</c>.</summary>
    public string Domain { get; }

    /// <summary>Repository path below the domain.</summary>
    public string Path { get; }

    /// <summary>The tag; null when none was written.</summary>
    public string? Tag { get; }

    /// <summary><c>sha256:...</c> of a manifest or index; null when none was written.</summary>
    public string? Digest { get; }

    /// <summary><c>domain/path</c>.</summary>
    public string Repository => $"{Domain}/{Path}";

    /// <summary>Reads a reference and applies the defaults for domain and <c>library/</c>; a missing tag stays missing.</summary>
    /// <exception cref="AgentException">It does not follow the grammar (<see cref="ErrorKind.InvalidArgument"/>); the message says where.</exception>
    public static ImageReference Parse(string text)
    {
        string? problem = TryParse(text, out ImageReference? reference);
        return problem is null ? reference! : throw new AgentException(ErrorKind.InvalidArgument, $"invalid image reference \"{text}\": {problem}");
    }

    /// <summary>As <see cref="Parse"/>; the result is what is wrong, or null.</summary>
    public static string? TryParse(string text, out ImageReference? reference)
    {
        reference = null;
        if (text.Length == 0)
        {
            return "it is empty";
        }

        string rest = text;
        string? digest = null;
        int at = rest.IndexOf('@');
        if (at >= 0)
        {
            digest = rest[(at + 1)..];
            rest = rest[..at];
            if (Sha256Digest.Check(digest) is { } wrong)
            {
                return wrong;
            }
        }

        // A 64-digit hex name would be taken for an image ID.
        if (digest is null && Sha256Digest.IsHex(rest))
        {
            return "64 hexadecimal digits are an image id, not a name";
        }

        // A colon before the last slash belongs to the domain's port.
        string? tag = null;
        int colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (ReferenceGrammar.CheckTag(tag) is { } wrong)
            {
                return wrong;
            }
        }

        (string domain, string path) = SplitDomain(rest);
        string? problem = ReferenceGrammar.CheckDomain(domain) ?? ReferenceGrammar.CheckPath(path);
        if (problem is null && domain.Length + 1 + path.Length > 255)
        {
            problem = "the repository name is longer than 255 characters";
        }

        reference = problem is null ? new ImageReference(domain, path, tag, digest) : null;
        return problem;
    }

    /// <summary>The same with the tag <c>latest</c> when it has neither tag nor digest.</summary>
    public ImageReference WithDefaultTag() => Tag is null && Digest is null ? new ImageReference(Domain, Path, "latest", null) : this;

    /// <summary>The same without the tag when there is a digest, which then decides alone (as docker and containerd resolve such names).</summary>
    public ImageReference WithoutTagBesideDigest() => Digest is null ? this : new ImageReference(Domain, Path, null, Digest);

    /// <summary>The full text.</summary>
    public override string ToString() => Repository + (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    // The first component is a domain only when it could not be a path component of the default registry.
    private static (string Domain, string Path) SplitDomain(string name)
    {
        int slash = name.IndexOf('/');
        string first = slash < 0 ? "" : name[..slash];
        bool isDomain = slash >= 0 && (first.AsSpan().IndexOfAny('.', ':') >= 0 || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        (string domain, string path) = isDomain ? (first, name[(slash + 1)..]) : ("docker.io", name);
        if (domain == "index.docker.io")
        {
            domain = "docker.io";
        }

        return domain == "docker.io" && !path.Contains('/') ? (domain, "library/" + path) : (domain, path);
    }
}
