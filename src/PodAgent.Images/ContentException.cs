using PodAgent.Linux;

namespace PodAgent.Images;

/// <summary>
/// A fault in what an archive or a stored file holds, told without the name of the archive: whoever knows that turns it into an
/// <see cref="AgentException"/>.
/// </summary>
internal sealed class ContentException(ErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ErrorKind Kind { get; } = kind;
}
