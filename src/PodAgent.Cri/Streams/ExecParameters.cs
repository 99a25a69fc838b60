using PodAgent.Api.V1;

namespace PodAgent.Cri.Streams;

/// <summary>What a client wants to run in a container, and with which streams.</summary>
internal sealed record ExecParameters
{
    public required IReadOnlyList<string> Command { get; init; }

    public bool Stdin { get; init; }

    public bool Stdout { get; init; } = true;

    public bool Stderr { get; init; } = true;

    public bool Tty { get; init; }

    /// <summary>The terminal's first size.</summary>
    public TerminalSize? Size { get; init; }

    /// <summary>Added to (and winning over) the container's environment.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Empty: the container's.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Empty: the container's.</summary>
    public string User { get; init; } = "";
}
