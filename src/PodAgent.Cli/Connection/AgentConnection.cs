using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Rpc.Client;

namespace PodAgent.Cli.Connection;

/// <summary>The agent's socket and the clients of its services.</summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    /// <summary>Where the agent listens unless told otherwise.</summary>
    public const string DefaultSocket = "/run/podagent/podagent.sock";

    private readonly RpcChannel _channel;

    private AgentConnection(string address)
    {
        Address = address;
        _channel = RpcChannel.ForAddress(address);
        var invoker = _channel.CreateCallInvoker();
        Pods = new PodService.PodServiceClient(invoker);
        Containers = new ContainerStreamService.ContainerStreamServiceClient(invoker);
        Runtime = new RuntimeService.RuntimeServiceClient(invoker);
        Images = new ImageService.ImageServiceClient(invoker);
        ImageTransfer = new ImageTransferService.ImageTransferServiceClient(invoker);
        Node = new NodeService.NodeServiceClient(invoker);
        Agent = new AgentService.AgentServiceClient(invoker);
        Processes = new ProcessService.ProcessServiceClient(invoker);
    }

    public string Address { get; }

    public PodService.PodServiceClient Pods { get; }

    public ContainerStreamService.ContainerStreamServiceClient Containers { get; }

    public RuntimeService.RuntimeServiceClient Runtime { get; }

    public ImageService.ImageServiceClient Images { get; }

    public ImageTransferService.ImageTransferServiceClient ImageTransfer { get; }

    public NodeService.NodeServiceClient Node { get; }

    public AgentService.AgentServiceClient Agent { get; }

    public ProcessService.ProcessServiceClient Processes { get; }

    /// <summary>The socket's path.</summary>
    public string SocketPath => new Uri(Address).AbsolutePath;

    /// <summary>Connects lazily: the first call fails when nobody listens.</summary>
    /// <param name="socket">A path or URL from the command line; null: $PODAGENT_SOCKET, then the default.</param>
    /// <exception cref="CliException">It is neither.</exception>
    public static AgentConnection Open(string? socket)
    {
        string chosen = socket ?? Environment.GetEnvironmentVariable("PODAGENT_SOCKET") ?? DefaultSocket;
        bool isUrl = chosen.Contains("://", StringComparison.Ordinal);
        try
        {
            return new AgentConnection(isUrl ? chosen : "unix://" + Path.GetFullPath(chosen));
        }
        catch (ArgumentException cause)
        {
            throw new CliException($"error: cannot use the socket \"{chosen}\": {cause.Message}");
        }
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
