using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>Which of a container's streams a client wants.</summary>
/// <param name="Stdin">Its input; needs a container that has one.</param>
/// <param name="Stdout">With a terminal, all of its output.</param>
/// <param name="Stderr">Nothing comes with a terminal.</param>
/// <param name="Size">The client's window.</param>
/// <param name="Replay">First what the container has written before.</param>
internal sealed record AttachParameters(bool Stdin, bool Stdout, bool Stderr, TerminalSize? Size, bool Replay);
