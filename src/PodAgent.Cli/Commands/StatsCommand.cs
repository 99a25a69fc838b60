using System.CommandLine;
using PodAgent.Api.Cri;
using PodAgent.Api.Json;
using PodAgent.Api.Yaml;
using PodAgent.Cli.Output;
using PodAgent.Cli.Statistics;
using Spectre.Console;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl stats [POD...]</c>: what pods use, on a terminal in a table that redraws itself.</summary>
internal static class StatsCommand
{
    private static readonly Argument<string[]> s_pods = new("POD") { Description = "NAME or pod/NAME; all pods of the namespace without one", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> s_noStream = new("--no-stream") { Description = "print one table and end" };
    private static readonly Option<bool> s_containers = new("--containers") { Description = "a row for each container" };
    private static readonly Option<string?> s_interval = new("--interval") { Description = "time between two tables (default 1s); processor use is counted over it" };
    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "json or yaml: the runtime's own numbers, once" };

    public static Command Create()
    {
        s_output.AcceptOnlyFromAmong("json", "yaml");
        var command = new Command("stats", "Show what pods use")
        {
            s_pods, s_containers, s_noStream, s_interval, s_output, SharedOptions.Namespace, SharedOptions.AllNamespaces, GetCommand.NoHeaders,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] names = [.. context.Arguments.GetValue(s_pods)!.Select(ObjectName.Pod)];
        TimeSpan interval = context.Arguments.GetValue(s_interval) is { } text ? DurationText.Parse("--interval", text) : TimeSpan.FromSeconds(1);
        if (interval <= TimeSpan.Zero)
        {
            throw new CliException("error: --interval must be longer than nothing");
        }

        PodSandboxStats[] first = await ReadAsync(context, names, cancel);
        foreach (string missing in names.Except(first.Select(pod => pod.Attributes.Metadata.Name)))
        {
            throw new CliException($"Error from podagent (NotFound): pod \"{missing}\" does not run on this node");
        }

        if (context.Arguments.GetValue(s_output) is { } format)
        {
            var list = new ListPodSandboxStatsResponse { Stats = { first } };
            Console.Out.WriteLine(format == "json" ? KubernetesJson.Write(list, indented: true) : KubernetesYaml.Write(list).TrimEnd('\n'));
            return 0;
        }

        bool once = context.Arguments.GetValue(s_noStream);
        bool perContainer = context.Arguments.GetValue(s_containers);
        bool withNamespace = context.ListNamespace.Length == 0;
        IReadOnlyList<UsageSample> earlier = UsageSample.From(first, perContainer);
        using var clock = new PeriodicTimer(interval);
        async Task<TextTable> NextAsync()
        {
            await clock.WaitForNextTickAsync(cancel);
            IReadOnlyList<UsageSample> now = UsageSample.From(await ReadAsync(context, names, cancel), perContainer);
            TextTable table = UsageTable.Make(earlier, now, perContainer, withNamespace);
            earlier = now;
            return table;
        }

        if (once || !Screen.IsTerminal)
        {
            do
            {
                (await NextAsync()).Write(Screen.Console, !context.Arguments.GetValue(GetCommand.NoHeaders));
            }
            while (!once);
            return 0;
        }

        await Screen.Console.Live(new Markup(UsageTable.Make([], earlier, perContainer, withNamespace).MarkupLines())).AutoClear(false).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget(new Markup((await NextAsync()).MarkupLines()));
            }
        });
        return 0;
    }

    private static async Task<PodSandboxStats[]> ReadAsync(CommandContext context, string[] names, CancellationToken cancel)
    {
        ListPodSandboxStatsResponse response = await context.Agent.Runtime.ListPodSandboxStatsAsync(new ListPodSandboxStatsRequest(), cancellationToken: cancel);
        string podNamespace = context.ListNamespace;
        return
        [
            .. response.Stats.Where(pod => (podNamespace.Length == 0 || pod.Attributes.Metadata.Namespace == podNamespace)
                && (names.Length == 0 || names.Contains(pod.Attributes.Metadata.Name, StringComparer.Ordinal))),
        ];
    }
}
