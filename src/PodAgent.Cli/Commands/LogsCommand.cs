using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl logs POD</c>.</summary>
internal static class LogsCommand
{
    private static readonly Argument<string> s_pod = new("POD") { Description = "NAME or pod/NAME" };
    private static readonly Argument<string?> s_containerWord = new("CONTAINER") { Description = "container name, as with -c", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> s_follow = new("--follow", "-f") { Description = "go on as the container writes" };
    private static readonly Option<bool> s_previous = new("--previous", "-p") { Description = "the log of the instance before the current one" };
    private static readonly Option<long?> s_tail = new("--tail") { Description = "only the last lines (default: all)" };
    private static readonly Option<string?> s_since = new("--since") { Description = "only lines younger than a duration such as 5s, 2m or 3h" };
    private static readonly Option<string?> s_sinceTime = new("--since-time") { Description = "only lines written at or after a time (RFC 3339)" };
    private static readonly Option<bool> s_timestamps = new("--timestamps") { Description = "begin each line with its time" };
    private static readonly Option<long?> s_limit = new("--limit-bytes") { Description = "at most so many bytes" };
    private static readonly Option<bool> s_all = new("--all-containers") { Description = "the logs of all containers, init containers first" };
    private static readonly Option<bool> s_prefix = new("--prefix") { Description = "begin each line with [pod/NAME/CONTAINER]" };

    public static Command Create()
    {
        var command = new Command("logs", "Print the log of a container")
        {
            s_pod, s_containerWord, SharedOptions.Container, s_follow, s_previous, s_tail, s_since, s_sinceTime, s_timestamps, s_limit,
            s_all, s_prefix, SharedOptions.Namespace,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        ParseResult arguments = context.Arguments;
        var request = new ReadLogsRequest
        {
            Namespace = context.Namespace,
            Pod = ObjectName.Pod(arguments.GetValue(s_pod)!),
            Container = arguments.GetValue(SharedOptions.Container) ?? arguments.GetValue(s_containerWord) ?? "",
            Follow = arguments.GetValue(s_follow),
            Previous = arguments.GetValue(s_previous),
            Timestamps = arguments.GetValue(s_timestamps),
        };
        if (arguments.GetValue(s_tail) is { } tail and >= 0)
        {
            request.TailLines = tail;
        }

        if (arguments.GetValue(s_limit) is { } limit)
        {
            request.LimitBytes = limit;
        }

        if (Since(arguments.GetValue(s_since), arguments.GetValue(s_sinceTime), TimeProvider.System.GetUtcNow()) is { } since)
        {
            request.SinceUnixNanos = since;
        }

        string[] containers = arguments.GetValue(s_all) || request.Container.Length == 0
            ? await ContainersAsync(context, request, arguments.GetValue(s_all), cancel)
            : [request.Container];
        await using Stream output = StandardStream.Output;
        using var turn = new SemaphoreSlim(1);
        IEnumerable<Task> copies = containers.Select(container => CopyAsync(context, For(request, container), output, turn, cancel));
        if (request.Follow)
        {
            await Task.WhenAll(copies);
            return 0;
        }

        foreach (Task copy in copies)
        {
            await copy;
        }

        return 0;
    }

    /// <summary>Unix nanoseconds of the first line wanted; null: all.</summary>
    internal static long? Since(string? duration, string? time, DateTimeOffset now)
    {
        if (duration is not null && time is not null)
        {
            throw new CliException("error: at most one of --since and --since-time may be used");
        }

        if (time is not null)
        {
            return DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
                ? Nanoseconds(moment)
                : throw new CliException($"error: --since-time \"{time}\" is not an RFC 3339 time such as 2026-01-31T12:00:00Z");
        }

        return duration is null ? null : Nanoseconds(now - DurationText.Parse("--since", duration));
    }

    // 64 bits end in the year 2262: what lies beyond is as good as never.
    private static long Nanoseconds(DateTimeOffset moment)
    {
        const long Most = long.MaxValue / TimeSpan.NanosecondsPerTick;
        return Math.Clamp((moment - DateTimeOffset.UnixEpoch).Ticks, -Most, Most) * TimeSpan.NanosecondsPerTick;
    }

    private static ReadLogsRequest For(ReadLogsRequest request, string container)
    {
        ReadLogsRequest copy = request.Clone();
        copy.Container = container;
        return copy;
    }

    private static async Task<string[]> ContainersAsync(CommandContext context, ReadLogsRequest request, bool all, CancellationToken cancel)
    {
        var query = new GetPodRequest { Namespace = request.Namespace, Name = request.Pod };
        Pod pod = (await context.Agent.Pods.GetPodAsync(query, cancellationToken: cancel)).Pod;
        return all ? [.. pod.Spec.InitContainers.Concat(pod.Spec.Containers).Select(container => container.Name)] : [ContainerTarget.Default(pod).Name];
    }

    private static async Task CopyAsync(CommandContext context, ReadLogsRequest request, Stream output, SemaphoreSlim turn, CancellationToken cancel)
    {
        var prefix = new LinePrefix(context.Arguments.GetValue(s_prefix) ? $"[pod/{request.Pod}/{request.Container}] " : "");
        using var call = context.Agent.Pods.ReadLogs(request, cancellationToken: cancel);
        await foreach (ReadLogsResponse part in call.ResponseStream.ReadAllAsync(cancel))
        {
            await turn.WaitAsync(cancel);
            try
            {
                await output.WriteAsync(prefix.Apply(part.Data.Memory), cancel);
                await output.FlushAsync(cancel);
            }
            finally
            {
                turn.Release();
            }
        }
    }
}
