using System.Net;
using PodAgent.Linux;

namespace PodAgent.Images.Registry;

/// <summary>A registry refused, or could not be reached; told without the name of the image.</summary>
internal sealed class RegistryException(ErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ErrorKind Kind { get; } = kind;

    /// <summary>The answer; null when there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>Whether nobody answered at all, so that further requests to this endpoint make no sense.</summary>
    public bool Unreachable { get; init; }
}
