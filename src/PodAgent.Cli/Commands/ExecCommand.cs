using System.CommandLine;
using PodAgent.Api.V1;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl exec POD -- COMMAND</c>; its exit code is the command's.</summary>
internal static class ExecCommand
{
    private static readonly Argument<string> s_pod = new("POD") { Description = "NAME or pod/NAME" };
    private static readonly Argument<string[]> s_command = new("COMMAND") { Description = "after --: the command and its arguments", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> s_user = new("--user", "-u") { Description = "user[:group] to run as, by name or number (default: the container's)" };
    private static readonly Option<string?> s_workdir = new("--workdir", "-w") { Description = "directory to start in (default: the container's)" };
    private static readonly Option<string[]> s_env = new("--env", "-e") { Description = "NAME=value to add to the container's environment" };

    public static Option<bool> Stdin { get; } = new("--stdin", "-i") { Description = "pass standard input to the container" };

    public static Option<bool> Tty { get; } = new("--tty", "-t") { Description = "give the process a terminal" };

    public static Command Create()
    {
        var command = new Command("exec", "Run a command in a container")
        {
            s_pod, s_command, SharedOptions.Container, Stdin, Tty, s_user, s_workdir, s_env, SharedOptions.Namespace,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] words = UnknownFlags.ForeignWords(context.Arguments, s_command);
        if (words.Length == 0)
        {
            throw new CliException("error: you must specify at least one command for the container, after --");
        }

        ContainerTarget target = await ContainerTarget.FindRunningAsync(
            context, ObjectName.Pod(context.Arguments.GetValue(s_pod)!), context.Arguments.GetValue(SharedOptions.Container), cancel);
        bool stdin = context.Arguments.GetValue(Stdin);
        bool tty = StreamSession.TerminalIsPossible(context.Arguments.GetValue(Tty), stdin);
        var start = new ExecStart
        {
            ContainerId = target.ContainerId,
            Tty = tty,
            Stdin = stdin,
            User = context.Arguments.GetValue(s_user) ?? "",
            WorkingDir = context.Arguments.GetValue(s_workdir) ?? "",
            Size = tty ? StreamSession.CurrentSize() : null,
        };
        start.Command.AddRange(words);
        start.Env.AddRange(context.Arguments.GetValue(s_env) ?? []);

        using var call = context.Agent.Containers.Exec(cancellationToken: cancel);
        await call.RequestStream.WriteAsync(new ExecRequest { Start = start }, cancel);
        var session = new StreamSession(stdin, tty);
        return await session.RunAsync(
            input => call.RequestStream.WriteAsync(new ExecRequest { Input = input }, cancel), call.ResponseStream, cancel);
    }
}
