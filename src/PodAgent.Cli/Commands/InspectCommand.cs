using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Api.Yaml;
using PodAgent.Cli.Inspect;
using PodAgent.Cli.Runtime;
using Container = PodAgent.Api.Cri.Container;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl inspect NAME|ID...</c>: everything that is known about a pod, a sandbox or a container.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string[]> s_names = new("NAME") { Description = "pod, or the beginning of a container's or sandbox's ID", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "json (default) or yaml" };

    public static Command Create()
    {
        s_output.AcceptOnlyFromAmong("json", "yaml");
        var command = new Command("inspect", "Show everything known about pods, sandboxes or containers") { s_names, SharedOptions.Container, SharedOptions.Namespace, s_output };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] names = context.Arguments.GetValue(s_names)!;
        RuntimeObjects objects = await RuntimeObjects.ReadAsync(context.Agent.Runtime, cancel);
        var found = new List<Inspection>();
        int status = 0;
        foreach (string name in names)
        {
            if (await FindAsync(context, objects, name, cancel) is { } inspection)
            {
                found.Add(inspection);
            }
            else
            {
                Console.Error.WriteLine($"Error from podagent (NotFound): no pod, sandbox or container \"{name}\"");
                status = 1;
            }
        }

        if (found.Count > 0)
        {
            string json = names.Length == 1 ? found[0].ToJson() : Inspection.ToJson(found);
            Console.Out.WriteLine(context.Arguments.GetValue(s_output) == "yaml" ? KubernetesYaml.FromJson(json).TrimEnd('\n') : json);
        }

        return status;
    }

    private static async Task<Inspection?> FindAsync(CommandContext context, RuntimeObjects objects, string name, CancellationToken cancel)
    {
        string podName = ObjectName.Pod(name);
        PodSandbox? sandbox = objects.SandboxOf(context.Namespace, podName);
        Pod? pod = await FindPodAsync(context, podName, cancel);
        Container? container = null;
        if (pod is null && sandbox is null)
        {
            (sandbox, container) = objects.ById(name);
        }
        else if (context.Arguments.GetValue(SharedOptions.Container) is { } chosen)
        {
            container = sandbox is null ? null : objects.ContainerOf(sandbox, chosen);
            sandbox = null;
            pod = null;
        }

        if (container is not null)
        {
            return new Inspection { Container = await StatusAsync(context, container.Id, cancel) };
        }

        if (sandbox is null)
        {
            return pod is null ? null : new Inspection { Pod = pod };
        }

        PodSandboxStatusResponse status = await context.Agent.Runtime.PodSandboxStatusAsync(
            new PodSandboxStatusRequest { PodSandboxId = sandbox.Id, Verbose = true }, cancellationToken: cancel);
        var containers = new List<ContainerStatusResponse>();
        foreach (Container member in objects.Containers.Where(member => member.PodSandboxId == sandbox.Id).Reverse())
        {
            containers.Add(await StatusAsync(context, member.Id, cancel));
        }

        return new Inspection { Pod = pod, Sandbox = status, Containers = containers };
    }

    private static async Task<ContainerStatusResponse> StatusAsync(CommandContext context, string id, CancellationToken cancel) =>
        await context.Agent.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = id, Verbose = true }, cancellationToken: cancel);

    // Another runtime's socket has no pods, only sandboxes.
    private static async Task<Pod?> FindPodAsync(CommandContext context, string name, CancellationToken cancel)
    {
        try
        {
            return (await context.Agent.Pods.GetPodAsync(new GetPodRequest { Namespace = context.Namespace, Name = name }, cancellationToken: cancel)).Pod;
        }
        catch (RpcException failure) when (failure.StatusCode is StatusCode.NotFound or StatusCode.Unimplemented or StatusCode.InvalidArgument)
        {
            return null;
        }
    }
}
