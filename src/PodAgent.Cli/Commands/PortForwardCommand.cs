using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;
using PodAgent.Cli.Forwarding;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl port-forward POD [LOCAL:]REMOTE...</c>: ports of the pod's localhost on this machine, until Ctrl-C.</summary>
internal static class PortForwardCommand
{
    private static readonly Argument<string> s_pod = new("POD") { Description = "NAME or pod/NAME" };
    private static readonly Argument<string[]> s_ports = new("PORTS") { Description = "[LOCAL:]REMOTE; :REMOTE takes any free local port", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string[]> s_addresses = new("--address")
    {
        Description = "local IP addresses or localhost, may be joined by commas",
        DefaultValueFactory = _ => ["localhost"],
    };

    public static Command Create()
    {
        var command = new Command("port-forward", "Forward local ports to a pod") { s_pod, s_ports, s_addresses, SharedOptions.Namespace };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        ForwardedPort[] ports = [.. context.Arguments.GetValue(s_ports)!.Select(ForwardedPort.Parse)];
        (IPAddress[] addresses, bool oneIsEnough) = Addresses([.. context.Arguments.GetValue(s_addresses)!.SelectMany(text => text.Split(','))]);
        string name = ObjectName.Pod(context.Arguments.GetValue(s_pod)!);
        await SandboxAsync(context, name, cancel);
        var listeners = new List<PortListener>();
        try
        {
            foreach (ForwardedPort port in ports)
            {
                listeners.Add(PortListener.Bind(port, addresses, oneIsEnough));
            }

            foreach (PortListener listener in listeners)
            {
                foreach (Socket socket in listener.Sockets)
                {
                    Console.Out.WriteLine($"Forwarding from {socket.LocalEndPoint} -> {listener.Port.Remote}");
                }
            }

            await Task.WhenAll(listeners.SelectMany(listener => listener.Sockets.Select(socket => AcceptAsync(context, name, listener.Port, socket, cancel))));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }

        return 0;
    }

    private static (IPAddress[] Addresses, bool OneIsEnough) Addresses(string[] texts)
    {
        if (texts is ["localhost"])
        {
            return ([IPAddress.Loopback, IPAddress.IPv6Loopback], true);
        }

        return ([.. texts.SelectMany(text => text == "localhost" ? [IPAddress.Loopback]
            : IPAddress.TryParse(text, out IPAddress? address) ? (IPAddress[])[address]
            : throw new CliException($"error: {text} is not a valid IP address"))], false);
    }

    private static async Task AcceptAsync(CommandContext context, string pod, ForwardedPort port, Socket listener, CancellationToken cancel)
    {
        while (true)
        {
            Socket client = await listener.AcceptAsync(cancel);
            Console.Out.WriteLine($"Handling connection for {port.Local}");
            _ = ForwardAsync(context, pod, port, client, cancel);
        }
    }

    // One connection's trouble is not that of the others, and a pod that was restarted is found again.
    private static async Task ForwardAsync(CommandContext context, string pod, ForwardedPort port, Socket client, CancellationToken cancel)
    {
        using (client)
        {
            try
            {
                var start = new ForwardStart { PodSandboxId = await SandboxAsync(context, pod, cancel), Port = (uint)port.Remote };
                await ForwardedConnection.RunAsync(context.Agent.Containers, start, client, cancel);
            }
            catch (RpcException failure) when (!cancel.IsCancellationRequested)
            {
                Console.Error.WriteLine($"error: forwarding {port.Local} -> {port.Remote}: {FailureText.Describe(failure)}");
            }
            catch (CliException failure)
            {
                Console.Error.WriteLine(failure.Message);
            }
            catch (Exception ended) when (ended is OperationCanceledException or RpcException)
            {
                // Ctrl-C.
            }
        }
    }

    private static async Task<string> SandboxAsync(CommandContext context, string name, CancellationToken cancel)
    {
        Pod pod = (await context.Agent.Pods.GetPodAsync(new GetPodRequest { Namespace = context.Namespace, Name = name }, cancellationToken: cancel)).Pod;
        var filter = new PodSandboxFilter { State = new PodSandboxStateValue { State = PodSandboxState.SandboxReady } };
        filter.LabelSelector.Add("io.kubernetes.pod.uid", pod.Metadata.Uid);
        ListPodSandboxResponse found = await context.Agent.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest { Filter = filter }, cancellationToken: cancel);
        return found.Items.Count > 0
            ? found.Items.MaxBy(sandbox => sandbox.CreatedAt)!.Id
            : throw new CliException($"error: unable to forward port because pod is not running. Current status={pod.Status?.Phase}");
    }
}
