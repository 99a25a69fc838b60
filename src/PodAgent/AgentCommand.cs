using System.CommandLine;
using PodAgent.Configuration;
using PodAgent.Hosting;
using PodAgent.Linux;

namespace PodAgent;

/// <summary>The command line: <c>podagent</c> runs the agent, <c>podagent cleanup</c> removes everything that it made.</summary>
internal static class AgentCommand
{
    public static RootCommand Create()
    {
        var flags = new AgentFlags();
        var root = new RootCommand("Runs pods on this node: kubelet, container runtime and network in one program.");
        var cleanup = new Command("cleanup", "End every pod and remove all that the agent made on this node, except images and configuration");
        foreach (Option flag in flags.All)
        {
            flag.Recursive = true;
            root.Options.Add(flag);
        }

        root.SetAction((arguments, cancel) => RunAsync(flags, arguments, options => AgentHost.RunAsync(options, cancel)));
        cleanup.SetAction((arguments, cancel) => RunAsync(flags, arguments, options => AgentCleanup.RunAsync(options, cancel)));
        root.Subcommands.Add(cleanup);
        return root;
    }

    private static async Task<int> RunAsync(AgentFlags flags, ParseResult arguments, Func<AgentOptions, Task> action)
    {
        try
        {
            await action(flags.Read(arguments));
            return 0;
        }
        catch (Exception failure) when (failure is AgentException or LinuxException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {failure.Message}");
            return 1;
        }
    }
}
