using System.CommandLine;
using System.Reflection;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl version</c>.</summary>
internal static class VersionCommand
{
    private static readonly Option<bool> s_client = new("--client") { Description = "only the version of podctl" };

    public static Command Create()
    {
        var command = new Command("version", "Print the versions of podctl and of the agent") { s_client };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        Console.Out.WriteLine($"Client Version: {Client}");
        if (context.Arguments.GetValue(s_client))
        {
            return 0;
        }

        try
        {
            GetVersionResponse agent = await context.Agent.Node.GetVersionAsync(new GetVersionRequest(), cancellationToken: cancel);
            Console.Out.WriteLine($"Agent Version: {agent.Version}");
            Console.Out.WriteLine($"Runtime: {agent.RuntimeName} {agent.RuntimeVersion}");
            Console.Out.WriteLine($"Node: {agent.NodeName}, kernel {agent.KernelVersion}, cgroup v{agent.CgroupVersion}");
            return 0;
        }
        catch (RpcException failure)
        {
            Console.Error.WriteLine(FailureText.Describe(failure));
            return 1;
        }
    }

    /// <summary>The version of podctl.</summary>
    public static string Client =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
