using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl run NAME --image=IMAGE</c>: a pod with one container.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static readonly Argument<string> s_name = new("NAME") { Description = "name of the pod and its container" };
    private static readonly Argument<string[]> s_arguments = new("ARGS") { Description = "after --: arguments of the image's entrypoint, or with --command the command", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string> s_image = new("--image") { Description = "image to run", Required = true };
    private static readonly Option<bool> s_command = new("--command") { Description = "the words after -- replace the image's entrypoint" };
    private static readonly Option<string[]> s_env = new("--env", "-e") { Description = "NAME=value" };
    private static readonly Option<string[]> s_labels = new("--labels", "-l") { Description = "name=value, may be joined by commas" };
    private static readonly Option<int?> s_port = new("--port") { Description = "port that the container listens on" };
    private static readonly Option<int?> s_hostPort = new("--hostport") { Description = "port of the node that leads to --port" };
    private static readonly Option<string> s_restart = new("--restart") { Description = "Always, OnFailure or Never", DefaultValueFactory = _ => "Always" };
    private static readonly Option<string?> s_pullPolicy = new("--image-pull-policy") { Description = "Always, IfNotPresent or Never" };
    private static readonly Option<bool> s_remove = new("--rm") { Description = "delete the pod when the attached session ends" };
    private static readonly Option<bool> s_privileged = new("--privileged") { Description = "run the container privileged" };

    public static Command Create()
    {
        s_restart.AcceptOnlyFromAmong("Always", "OnFailure", "Never");
        var command = new Command("run", "Run an image as a pod of one container")
        {
            s_name, s_arguments, s_image, s_command, s_env, s_labels, s_port, s_hostPort, s_restart, s_pullPolicy, s_remove, s_privileged,
            ExecCommand.Stdin, ExecCommand.Tty, SharedOptions.Namespace,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        bool attach = context.Arguments.GetValue(ExecCommand.Stdin) || context.Arguments.GetValue(ExecCommand.Tty);
        if (context.Arguments.GetValue(s_remove) && !attach)
        {
            throw new CliException("error: --rm should only be used for attached containers (-i or -t)");
        }

        Pod pod = Build(context.Arguments);
        ApplyPodResponse created = await CreateAsync(context, pod, cancel);
        if (!attach)
        {
            Console.Out.WriteLine($"pod/{created.Pod.Metadata.Name} created");
            return 0;
        }

        try
        {
            return await AttachAsync(context, created.Pod, cancel);
        }
        finally
        {
            if (context.Arguments.GetValue(s_remove))
            {
                // Ctrl-C ended the session, not the wish to leave nothing behind.
                var request = new DeletePodRequest { Namespace = created.Pod.Metadata.Namespace, Name = created.Pod.Metadata.Name, Wait = true, GracePeriodSeconds = 1 };
                await context.Agent.Pods.DeletePodAsync(request, cancellationToken: CancellationToken.None);
                Console.Error.WriteLine($"pod \"{created.Pod.Metadata.Name}\" deleted");
            }
        }
    }

    private static async Task<ApplyPodResponse> CreateAsync(CommandContext context, Pod pod, CancellationToken cancel)
    {
        try
        {
            ApplyPodResponse created = await context.Agent.Pods.ApplyPodAsync(new ApplyPodRequest { Pod = pod, CreateOnly = true }, cancellationToken: cancel);
            foreach (string warning in created.Warnings)
            {
                Console.Error.WriteLine("Warning: " + warning);
            }

            return created;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.InvalidArgument)
        {
            throw new CliException(FailureText.Describe(failure, $"Pod \"{pod.Metadata.Name}\""));
        }
    }

    private static async Task<int> AttachAsync(CommandContext context, Pod created, CancellationToken cancel)
    {
        Pod pod = await WaitForStartAsync(context, created, cancel);
        ContainerStatus status = pod.Status.ContainerStatuses[0];
        if (status.State?.Running is null)
        {
            await PrintLogAsync(context, pod, cancel);
            return ExitCode(status);
        }

        var target = new ContainerTarget(pod, pod.Spec.Containers[0], ContainerTarget.WithoutScheme(status.ContainerID));
        try
        {
            bool stdin = context.Arguments.GetValue(ExecCommand.Stdin);

            // With what it said before anybody listened, as if one had been there from the start.
            return await AttachCommand.AttachAsync(context, target, stdin, context.Arguments.GetValue(ExecCommand.Tty), replay: true, cancel);
        }
        catch (RpcException failure) when (failure.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.Internal)
        {
            // Most likely it ended between the look and the call, and its status is about to say so.
            if (await WaitForEndAsync(context, pod, cancel) is not { } ended)
            {
                throw;
            }

            await PrintLogAsync(context, pod, cancel);
            return ExitCode(ended);
        }
    }

    private static int ExitCode(ContainerStatus status) => (status.State?.Terminated ?? status.LastState?.Terminated)?.ExitCode ?? 1;

    private static async Task PrintLogAsync(CommandContext context, Pod pod, CancellationToken cancel)
    {
        var request = new ReadLogsRequest { Namespace = pod.Metadata.Namespace, Pod = pod.Metadata.Name };
        using var call = context.Agent.Pods.ReadLogs(request, cancellationToken: cancel);
        await using Stream output = StandardStream.Output;
        await foreach (ReadLogsResponse part in call.ResponseStream.ReadAllAsync(cancel))
        {
            await output.WriteAsync(part.Data.Memory, cancel);
        }
    }

    /// <summary>The status with which the container ended; null when it goes on.</summary>
    private static async Task<ContainerStatus?> WaitForEndAsync(CommandContext context, Pod pod, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_patience);
        var request = new ListPodsRequest { Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name };
        try
        {
            using var call = context.Agent.Pods.WatchPods(request, cancellationToken: limit.Token);
            await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(limit.Token))
            {
                if (change.Pod?.Status?.ContainerStatuses is [{ } status] && (status.State?.Terminated ?? status.LastState?.Terminated) is not null)
                {
                    return status;
                }
            }
        }
        catch (Exception late) when (late is OperationCanceledException or RpcException && limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // Null says it.
        }

        return null;
    }

    private static async Task<Pod> WaitForStartAsync(CommandContext context, Pod created, CancellationToken cancel)
    {
        var request = new ListPodsRequest { Namespace = created.Metadata.Namespace, Name = created.Metadata.Name };
        using var call = context.Agent.Pods.WatchPods(request, cancellationToken: cancel);
        await foreach (PodWatchEvent change in call.ResponseStream.ReadAllAsync(cancel))
        {
            ContainerStatus? status = change.Pod?.Status?.ContainerStatuses.FirstOrDefault();
            if (status?.State?.Running is not null || status?.State?.Terminated is not null || status?.LastState?.Terminated is not null)
            {
                return change.Pod!;
            }

            if (status?.State?.Waiting is { Reason: not ("" or "ContainerCreating" or "PodInitializing") } waiting)
            {
                throw new CliException($"error: pod {created.Metadata.Name} does not start: {waiting.Reason}: {waiting.Message}");
            }
        }

        throw new CliException($"error: pod {created.Metadata.Name} was deleted before it started");
    }

    /// <summary>The pod that the command line describes.</summary>
    /// <exception cref="CliException">Words that describe none.</exception>
    internal static Pod Build(ParseResult arguments)
    {
        string name = arguments.GetValue(s_name)!;
        string[] words = UnknownFlags.ForeignWords(arguments, s_arguments);
        var container = new Container
        {
            Name = name,
            Image = arguments.GetValue(s_image)!,
            Stdin = arguments.GetValue(ExecCommand.Stdin),
            StdinOnce = arguments.GetValue(ExecCommand.Stdin),
            Tty = arguments.GetValue(ExecCommand.Tty),
        };
        (arguments.GetValue(s_command) ? container.Command : container.Args).AddRange(words);
        foreach (string variable in arguments.GetValue(s_env) ?? [])
        {
            string[] parts = variable.Split('=', 2);
            container.Env.Add(parts.Length == 2 && parts[0].Length > 0
                ? new EnvVar { Name = parts[0], Value = parts[1] }
                : throw new CliException($"error: invalid env: {variable}; write NAME=value"));
        }

        if (arguments.GetValue(s_pullPolicy) is { } policy)
        {
            container.ImagePullPolicy = policy;
        }

        if (arguments.GetValue(s_privileged))
        {
            container.SecurityContext = new SecurityContext { Privileged = true };
        }

        AddPort(arguments, container);
        var pod = new Pod
        {
            Metadata = new Api.Meta.ObjectMeta { Name = name, Namespace = arguments.GetValue(SharedOptions.Namespace) ?? "default" },
            Spec = new PodSpec { RestartPolicy = arguments.GetValue(s_restart)! },
        };
        pod.Metadata.Labels["run"] = name;
        foreach (string label in (arguments.GetValue(s_labels) ?? []).SelectMany(text => text.Split(',')))
        {
            string[] parts = label.Split('=', 2);
            pod.Metadata.Labels[parts[0]] = parts.Length == 2 ? parts[1] : throw new CliException($"error: invalid label: {label}; write name=value");
        }

        pod.Spec.Containers.Add(container);
        return pod;
    }

    private static void AddPort(ParseResult arguments, Container container)
    {
        int? port = arguments.GetValue(s_port);
        int? hostPort = arguments.GetValue(s_hostPort);
        if (hostPort is not null && port is null)
        {
            throw new CliException("error: --hostport needs --port");
        }

        if (port is { } number)
        {
            var entry = new ContainerPort { ContainerPort_ = number };
            if (hostPort is { } host)
            {
                entry.HostPort = host;
            }

            container.Ports.Add(entry);
        }
    }
}
