using System.CommandLine;
using Grpc.Core;
using PodAgent.Cli.Connection;
using PodAgent.Cli.Terminal;
using PodAgent.Linux;

namespace PodAgent.Cli.Commands;

/// <summary>What every command's action gets: its arguments, the agent, and one place where failures become text and exit codes.</summary>
internal sealed class CommandContext(ParseResult arguments, AgentConnection agent)
{
    /// <summary>What a shell reports for a program that Ctrl-C ended.</summary>
    private const int Interrupted = 130;

    /// <summary>What a shell reports for a program that a closed pipe ended.</summary>
    private const int OutputClosed = 141;

    public ParseResult Arguments { get; } = arguments;

    public AgentConnection Agent { get; } = agent;

    public string Namespace => Arguments.GetValue(SharedOptions.Namespace) ?? "default";

    /// <summary>The namespace to list, empty for all of them.</summary>
    public string ListNamespace => Arguments.GetValue(SharedOptions.AllNamespaces) ? "" : Namespace;

    /// <summary>Makes a command run <paramref name="action"/> and return its exit code.</summary>
    public static void Bind(Command command, Func<CommandContext, CancellationToken, Task<int>> action) =>
        command.SetAction((arguments, cancel) => RunAsync(arguments, action, cancel));

    private static async Task<int> RunAsync(
        ParseResult arguments, Func<CommandContext, CancellationToken, Task<int>> action, CancellationToken cancel)
    {
        try
        {
            await using AgentConnection agent = AgentConnection.Open(arguments.GetValue(SharedOptions.Socket));
            return await action(new CommandContext(arguments, agent), cancel);
        }
        catch (CliException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return failure.ExitCode;
        }
        catch (OutputClosedException)
        {
            return OutputClosed;
        }
        catch (RpcException) when (cancel.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (RpcException failure)
        {
            Console.Error.WriteLine(FailureText.Describe(failure));
            return 1;
        }
        catch (Exception failure) when (failure is LinuxException or AgentException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {failure.Message}");
            return 1;
        }
    }
}
