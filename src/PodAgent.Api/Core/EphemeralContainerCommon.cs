using Google.Protobuf;

namespace PodAgent.Api.Core;

/// <summary>What an ephemeral container has in common with every other container.</summary>
public sealed partial class EphemeralContainerCommon
{
    /// <summary>A copy as an ordinary container. The two types have the same fields under the same numbers, so the wire format carries one into the other.</summary>
    public Container ToContainer() => Container.Parser.ParseFrom(this.ToByteString());

    /// <summary>The inverse of <see cref="ToContainer"/>.</summary>
    /// <param name="container">Copied.</param>
    public static EphemeralContainerCommon FromContainer(Container container) => Parser.ParseFrom(container.ToByteString());
}
