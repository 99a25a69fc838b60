using PodAgent.Linux;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>What a container executes, from its configuration and its image.</summary>
internal static class CommandLine
{
    /// <summary>
    /// A command replaces the image's entrypoint and its arguments; arguments alone replace only the image's arguments
    /// (core/v1 Container.command).
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument: neither says what to execute.</exception>
    public static IReadOnlyList<string> Merge(
        IReadOnlyList<string> entrypoint, IReadOnlyList<string> imageArguments, IReadOnlyList<string> command, IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string> result = (command.Count, arguments.Count) switch
        {
            ( > 0, _) => [.. command, .. arguments],
            (0, > 0) => [.. entrypoint, .. arguments],
            _ => [.. entrypoint, .. imageArguments],
        };
        return result.Count > 0 && result[0].Length > 0
            ? result
            : throw new AgentException(ErrorKind.InvalidArgument, "no command specified");
    }
}
