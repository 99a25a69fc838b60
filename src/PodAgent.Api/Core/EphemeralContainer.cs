using Google.Protobuf;

namespace PodAgent.Api.Core;

/// <summary>A container that is added to a running pod for debugging.</summary>
public sealed partial class EphemeralContainer
{
    /// <summary>
    /// A copy as an ordinary container. What both have in common has the same fields under the same numbers, so the wire format carries one into
    /// the other.
    /// </summary>
    public Container ToContainer() =>
        EphemeralContainerCommon is null ? new Container() : Container.Parser.ParseFrom(EphemeralContainerCommon.ToByteString());

    /// <summary>The inverse of <see cref="ToContainer"/>: replaces everything but the target's name.</summary>
    /// <param name="container">Copied.</param>
    public void SetContainer(Container container)
    {
        ArgumentNullException.ThrowIfNull(container);
        EphemeralContainerCommon = EphemeralContainerCommon.Parser.ParseFrom(container.ToByteString());
    }
}
