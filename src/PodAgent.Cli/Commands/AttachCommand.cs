using System.CommandLine;
using PodAgent.Api.V1;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl attach POD</c>: the standard streams of a container's main process.</summary>
internal static class AttachCommand
{
    private static readonly Argument<string> s_pod = new("POD") { Description = "NAME or pod/NAME" };

    public static Command Create()
    {
        var command = new Command("attach", "Connect to the main process of a container")
        {
            s_pod, SharedOptions.Container, ExecCommand.Stdin, ExecCommand.Tty, SharedOptions.Namespace,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        ContainerTarget target = await ContainerTarget.FindRunningAsync(
            context, ObjectName.Pod(context.Arguments.GetValue(s_pod)!), context.Arguments.GetValue(SharedOptions.Container), cancel);
        return await AttachAsync(context, target, context.Arguments.GetValue(ExecCommand.Stdin), context.Arguments.GetValue(ExecCommand.Tty), replay: false, cancel);
    }

    /// <summary>Attaches until the container ends.</summary>
    /// <returns>The container's exit code.</returns>
    public static async Task<int> AttachAsync(
        CommandContext context, ContainerTarget target, bool wantStdin, bool wantTty, bool replay, CancellationToken cancel)
    {
        bool stdin = wantStdin && target.Container.Stdin;
        bool tty = StreamSession.TerminalIsPossible(wantTty && target.Container.Tty, stdin);
        if (wantTty && !target.Container.Tty)
        {
            Console.Error.WriteLine($"error: container {target.Container.Name} has no terminal; attaching without one");
        }

        var start = new AttachStart { ContainerId = target.ContainerId, Stdin = stdin, Size = tty ? StreamSession.CurrentSize() : null, Replay = replay };
        using var call = context.Agent.Containers.Attach(cancellationToken: cancel);
        await call.RequestStream.WriteAsync(new AttachRequest { Start = start }, cancel);
        return await new StreamSession(stdin, tty).RunAsync(
            input => call.RequestStream.WriteAsync(new AttachRequest { Input = input }, cancel), call.ResponseStream, cancel);
    }
}
