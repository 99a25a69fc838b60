using System.Net;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Nftables;
using PodAgent.Network;

namespace PodAgent.RootTests.Network;

/// <summary>
/// A pod network in a private "host" namespace, and a machine outside that is connected to the host by a cable
/// (host 192.0.2.1, outside 192.0.2.2). The machine that runs the tests is not touched.
/// </summary>
public sealed class NetworkFixture : IAsyncDisposable
{
    public const string HostAddress = "192.0.2.1";
    public const string OutsideAddress = "192.0.2.2";
    public const string Gateway = "10.99.0.1";

    private readonly List<PrivateNamespace> _namespaces = [];

    private NetworkFixture()
    {
        StateDirectory = Directory.CreateTempSubdirectory("podagent-network-").FullName;
        Host = NewNamespace();
        Outside = NewNamespace();

        // A new namespace copies the switch of the first one, in which somebody may route.
        Host.Run(static () => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "0"));
        Host.Configure(batch =>
        {
            batch.SetUp(1);
            batch.AddVeth(new VethPair
            {
                Name = "uplink", Master = 0, PeerNamespace = Outside.Fd, PeerName = "uplink", PeerAddress = [2, 0, 0, 0, 0, 2],
            });
        });
        AddAddress(Host, HostAddress);
        AddAddress(Outside, OutsideAddress);
        Options = new BridgeNetworkOptions
        {
            BridgeName = "podtest0",
            Subnet = IPNetwork.Parse("10.99.0.0/16"),
            StateDirectory = Path.Combine(StateDirectory, "network"),
            NftTable = "podtest",
            HostNetworkNamespace = Host.Fd,
        };
    }

    internal PrivateNamespace Host { get; }

    internal PrivateNamespace Outside { get; }

    public string StateDirectory { get; }

    public BridgeNetworkOptions Options { get; set; }

    public BridgeNetwork Network { get; private set; } = null!;

    public static async Task<NetworkFixture> StartAsync(Func<BridgeNetworkOptions, BridgeNetworkOptions>? change = null)
    {
        var fixture = new NetworkFixture();
        try
        {
            fixture.Options = change?.Invoke(fixture.Options) ?? fixture.Options;
            fixture.Network = await BridgeNetwork.OpenAsync(fixture.Options, CancellationToken.None);
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }

    internal PrivateNamespace NewNamespace()
    {
        var made = new PrivateNamespace();
        _namespaces.Add(made);
        return made;
    }

    internal async Task<(PrivateNamespace Pod, NetworkAttachment Attachment)> AttachAsync(string id, params PortMapping[] ports)
    {
        PrivateNamespace pod = NewNamespace();
        return (pod, await Network.AttachAsync(new AttachmentRequest(id, pod.Fd, ports, $"default/{id}"), CancellationToken.None));
    }

    /// <summary>As if the agent had been killed and started again.</summary>
    public async Task RestartAsync()
    {
        await Network.DisposeAsync();
        Network = await BridgeNetwork.OpenAsync(Options, CancellationToken.None);
    }

    internal string Nft(string command) => Host.Run(() =>
    {
        using NftContext nft = NftContext.Open();
        return nft.Run(command);
    });

    internal string ListTable() => Nft($"list table inet {Options.NftTable}\n");

    internal IReadOnlyList<string> LinksOfPods() =>
        Host.Route(socket => socket.ListLinks().Where(link => link.Name.StartsWith("pa", StringComparison.Ordinal)).Select(link => link.Name).ToList());

    internal string[] FilesOf(string directory) =>
        [.. Directory.EnumerateFiles(Path.Combine(Options.StateDirectory, directory)).Select(path => Path.GetFileName(path)!).Where(name => name != "last")];

    public async ValueTask DisposeAsync()
    {
        if (Network is not null)
        {
            await Network.DisposeAsync();
        }

        _namespaces.ForEach(item => item.Dispose());
        Directory.Delete(StateDirectory, recursive: true);
    }

    private static void AddAddress(PrivateNamespace where, string address)
    {
        int index = where.Route(socket => socket.FindLink("uplink")!.Index);
        where.Configure(batch =>
        {
            batch.SetUp(index);
            batch.AddAddress(index, IPAddress.Parse(address), 24);
        });
    }
}
