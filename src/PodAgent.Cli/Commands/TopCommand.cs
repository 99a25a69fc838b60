using System.CommandLine;
using System.Globalization;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Cli.Output;
using PodAgent.Cli.Runtime;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl top POD</c>: the processes in a pod, as the node sees them.</summary>
internal static class TopCommand
{
    private static readonly Argument<string> s_pod = new("POD") { Description = "NAME or pod/NAME" };

    public static Command Create()
    {
        var command = new Command("top", "List the processes in a pod") { s_pod, SharedOptions.Container, SharedOptions.Namespace, GetCommand.NoHeaders };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string name = ObjectName.Pod(context.Arguments.GetValue(s_pod)!);
        RuntimeObjects objects = await RuntimeObjects.ReadAsync(context.Agent.Runtime, cancel);
        PodSandbox sandbox = objects.SandboxOf(context.Namespace, name)
            ?? throw new CliException($"Error from podagent (NotFound): pod \"{name}\" has no sandbox on this node");
        var request = context.Arguments.GetValue(SharedOptions.Container) is { } container
            ? new ListProcessesRequest { ContainerId = objects.ContainerOf(sandbox, container).Id }
            : new ListProcessesRequest { PodSandboxId = sandbox.Id };
        ListProcessesResponse response = await context.Agent.Processes.ListProcessesAsync(request, cancellationToken: cancel);

        var table = new TextTable("CONTAINER", "PID", "HOST PID", "USER", "STATE", "%CPU", "TIME", "RSS", "ELAPSED", "COMMAND");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach (ContainerProcess process in response.Processes)
        {
            TimeSpan elapsed = now - DateTimeOffset.FromUnixTimeMilliseconds(process.StartedAt / 1_000_000);
            table.Add(
                ContainerName(objects, process),
                Number(process.PidInContainer),
                Number(process.Pid),
                process.User,
                process.State,
                Percent(process.CpuNanoseconds, elapsed),
                Time(TimeSpan.FromMilliseconds(process.CpuNanoseconds / 1_000_000)),
                ByteSize.Format(process.RssBytes),
                Age.Format(elapsed),
                Command(process));
        }

        table.Write(Screen.Console, !context.Arguments.GetValue(GetCommand.NoHeaders));
        return 0;
    }

    /// <summary>What is typed to start it, on one line; in brackets when only the kernel's name is known.</summary>
    internal static string Command(ContainerProcess process) => process.Command.Count == 0
        ? $"[{process.Name}]"
        : string.Join(' ', process.Command);

    /// <summary>Processor time over the life of the process, as ps(1) counts it.</summary>
    internal static string Percent(long cpuNanoseconds, TimeSpan elapsed) =>
        (elapsed.TotalSeconds < 0.01 ? 0 : cpuNanoseconds / elapsed.TotalSeconds / 1e7).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Minutes and seconds: 12:03.</summary>
    internal static string Time(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMinutes}:{time.Seconds:00}");

    private static string ContainerName(RuntimeObjects objects, ContainerProcess process) => process.ContainerId.Length == 0
        ? "<pause>"
        : objects.Containers.FirstOrDefault(container => container.Id == process.ContainerId)?.Metadata?.Name ?? RuntimeObjects.Short(process.ContainerId);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
