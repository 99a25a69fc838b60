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
        return (await AttachAsync(context, target, context.Arguments.GetValue(ExecCommand.Stdin), context.Arguments.GetValue(ExecCommand.Tty), cancel)).ExitCode;
    }

    /// <summary>Attaches until the container ends.</summary>
    public static async Task<AttachedSession> AttachAsync(CommandContext context, ContainerTarget target, bool wantStdin, bool wantTty, CancellationToken cancel)
    {
        bool stdin = wantStdin && target.Container.Stdin;
        bool tty = StreamSession.TerminalIsPossible(wantTty && target.Container.Tty, stdin);
        if (wantTty && !target.Container.Tty)
        {
            Console.Error.WriteLine($"error: container {target.Container.Name} has no terminal; attaching without one");
        }

        var start = new AttachStart { ContainerId = target.ContainerId, Stdin = stdin, Size = tty ? StreamSession.CurrentSize() : null };
        using var call = context.Agent.Containers.Attach(cancellationToken: cancel);
        await call.RequestStream.WriteAsync(new AttachRequest { Start = start }, cancel);
        var session = new StreamSession(stdin, tty);
        int exitCode = await session.RunAsync(
            input => call.RequestStream.WriteAsync(new AttachRequest { Input = input }, cancel), call.ResponseStream, cancel);
        return new AttachedSession(exitCode, session.HadOutput);
    }
}
