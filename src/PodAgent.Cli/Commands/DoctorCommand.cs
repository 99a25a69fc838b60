using System.CommandLine;
using PodAgent.Api.Json;
using PodAgent.Api.V1;
using PodAgent.Api.Yaml;
using PodAgent.Cli.Doctor;
using PodAgent.Cli.Output;
using PodAgent.Linux.Probing;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl doctor</c>: what this machine offers to pods, tried out; with or without a running agent.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "json or yaml" };
    private static readonly Option<string?> s_config = new("--config") { Description = "configuration file to check when no agent runs (default /etc/podagent/podagent.yaml)" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "show only warnings and what is missing" };
    private static readonly Option<bool> s_strict = new("--strict") { Description = "exit with 1 for warnings, too" };

    public static Command Create()
    {
        s_output.AcceptOnlyFromAmong("json", "yaml");
        var command = new Command("doctor", "Check what this machine offers to pods, and how to get what is missing") { s_output, s_quiet, s_strict, s_config };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        AgentFacts agent = await AgentFacts.FindAsync(context.Agent, context.Arguments.GetValue(s_config), cancel);
        string? format = context.Arguments.GetValue(s_output);
        bool quiet = context.Arguments.GetValue(s_quiet);
        var results = new List<ProbeResult>();
        foreach (IGrouping<string, Probe> area in Checklist.For(agent).GroupBy(probe => probe.Area))
        {
            cancel.ThrowIfCancellationRequested();
            ProbeResult[] found = [.. area.Select(probe => probe.Run())];
            results.AddRange(found);
            if (format is null)
            {
                DiagnosisText.Write(Screen.Console, found, quiet);
            }
        }

        bool missing = results.Any(result => result.Level == ProbeLevel.Missing);
        bool warned = results.Any(result => result.Level == ProbeLevel.Warning);
        if (format is null)
        {
            Console.Out.WriteLine(DiagnosisText.Summary(results));
        }
        else
        {
            Diagnosis diagnosis = DiagnosisText.ToMessage(results);
            Console.Out.WriteLine(format == "json" ? KubernetesJson.Write(diagnosis, indented: true) : KubernetesYaml.Write(diagnosis).TrimEnd('\n'));
        }

        return missing || (warned && context.Arguments.GetValue(s_strict)) ? 1 : 0;
    }
}
