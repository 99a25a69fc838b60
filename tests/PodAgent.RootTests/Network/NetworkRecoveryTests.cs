using System.Diagnostics;
using System.Net;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Network;
using Xunit.Abstractions;

namespace PodAgent.RootTests.Network;

public sealed class NetworkRecoveryTests(ITestOutputHelper output)
{
    private static readonly PortMapping s_web = new(TransportProtocol.Tcp, null, 8080, 80);

    [Fact]
    public async Task Detach_NamespaceGone_LeavesNothingAndCanBeRepeated()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a", s_web);
        pod.Dispose();

        await fixture.Network.DetachAsync("a", CancellationToken.None);
        await fixture.Network.DetachAsync("a", CancellationToken.None);
        await fixture.Network.DetachAsync("never-attached", CancellationToken.None);

        AssertNothingLeft(fixture);
        Assert.Null(fixture.Network.Find("a"));
    }

    [Fact]
    public async Task Detach_LivingSandbox_TakesItsInterfaceAway()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a");

        await fixture.Network.DetachAsync("a", CancellationToken.None);

        Assert.Null(pod.Route(socket => socket.FindLink("eth0")));
        AssertNothingLeft(fixture);
    }

    [Fact]
    public async Task BeginDetach_LivingSandbox_IsCutOffAtOnceAndFinishedEvenWhenTheAgentEnds()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (_, NetworkAttachment attachment) = await fixture.AttachAsync("a");

        Detachment detachment = await fixture.Network.BeginDetachAsync("a", CancellationToken.None);
        Assert.Null(fixture.Network.Find("a"));
        await fixture.RestartAsync();

        Assert.True(detachment.Finished.IsCompletedSuccessfully);
        Assert.Null(fixture.Host.Route(socket => socket.FindLink(attachment.HostInterface)));
        Assert.False(File.Exists(Path.Combine(fixture.Options.StateDirectory, "leases", attachment.Addresses[0].ToString())));
    }

    [Fact]
    public async Task Attach_SecondTime_IsRefused()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a");

        AgentException refusal = await Assert.ThrowsAsync<AgentException>(
            () => fixture.Network.AttachAsync(new AttachmentRequest("a", pod.Fd, []), CancellationToken.None));

        Assert.Equal(ErrorKind.AlreadyExists, refusal.Kind);
        Assert.Single(fixture.LinksOfPods());
    }

    [Fact]
    public async Task Attach_InterfaceNameTakenInSandbox_IsRolledBack()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        PrivateNamespace pod = fixture.NewNamespace();
        pod.Configure(batch => batch.AddBridge("eth0", [2, 0, 0, 0, 0, 9], 0));

        AgentException refusal = await Assert.ThrowsAsync<AgentException>(
            () => fixture.Network.AttachAsync(new AttachmentRequest("a", pod.Fd, [s_web]), CancellationToken.None));

        Assert.Contains("cannot attach sandbox \"a\" to bridge \"podtest0\"", refusal.Message);
        AssertNothingLeft(fixture);
    }

    [Fact]
    public async Task Attach_RouteRefused_IsRolledBack()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        PrivateNamespace pod = fixture.NewNamespace();
        // A default route is there already: the last step in the sandbox fails after veth and address.
        pod.Configure(batch => batch.AddBridge("other0", [2, 0, 0, 0, 0, 9], 0));
        int index = pod.Route(socket => socket.FindLink("other0"))!.Index;
        pod.Configure(batch =>
        {
            batch.AddAddress(index, IPAddress.Parse("198.51.100.2"), 24);
            batch.AddDefaultRoute(index, IPAddress.Parse("198.51.100.1"));
        });

        AgentException refusal = await Assert.ThrowsAsync<AgentException>(
            () => fixture.Network.AttachAsync(new AttachmentRequest("a", pod.Fd, [s_web]), CancellationToken.None));

        Assert.Contains("default via 10.99.0.1", refusal.Message);
        Assert.Null(pod.Route(socket => socket.FindLink("eth0")));
        AssertNothingLeft(fixture);
    }

    [Fact]
    public async Task Restart_LivingPod_KeepsEverythingAndForwardsAgain()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, NetworkAttachment attachment) = await fixture.AttachAsync("a", s_web);
        using var server = pod.ServeTcp(80);

        await fixture.Network.DisposeAsync();
        // Without an agent the kernel goes on.
        Assert.Equal($"you are {NetworkFixture.OutsideAddress}", await fixture.Outside.AskTcpAsync(NetworkFixture.HostAddress, 8080));
        await fixture.RestartAsync();
        NetworkReconciliation result = await fixture.Network.ReconcileAsync(new HashSet<string> { "a" }, CancellationToken.None);

        Assert.Empty(result.Removed);
        Assert.Empty(result.Problems);
        Assert.Equal(attachment.Addresses, fixture.Network.Find("a")!.Addresses);
        Assert.Equal(attachment.PortMappings, fixture.Network.Find("a")!.PortMappings);
        Assert.Equal(attachment.HostInterface, fixture.Network.Find("a")!.HostInterface);
        Assert.StartsWith("you are", await fixture.Host.AskTcpAsync("127.0.0.1", 8080));
        // Its address and port stay its own.
        (_, NetworkAttachment other) = await fixture.AttachAsync("b");
        Assert.NotEqual(attachment.Addresses[0], other.Addresses[0]);
        AgentException refusal = await Assert.ThrowsAsync<AgentException>(() => fixture.AttachAsync("c", s_web));
        Assert.Contains("taken by pod \"default/a\"", refusal.Message);
    }

    [Fact]
    public async Task Reconcile_DeadSandboxes_LeaveNothing()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("dead", s_web);
        await fixture.AttachAsync("recordless");
        (_, NetworkAttachment alive) = await fixture.AttachAsync("alive");
        await fixture.Network.DisposeAsync();
        // What a crash at other moments leaves: a veth pair and lease without record, an empty lease.
        File.Delete(Path.Combine(fixture.Options.StateDirectory, "attachments", "recordless.json"));
        File.WriteAllText(Path.Combine(fixture.Options.StateDirectory, "leases", "10.99.7.7"), "");
        File.WriteAllText(Path.Combine(fixture.Options.StateDirectory, "leases", "10.99.7.8"), "starting");
        File.WriteAllText(Path.Combine(fixture.Options.StateDirectory, "attachments", "torn.json"), "{\"Version\":1,");
        await fixture.RestartAsync();

        NetworkReconciliation result = await fixture.Network.ReconcileAsync(new HashSet<string> { "alive", "starting" }, CancellationToken.None);

        Assert.Equal(["dead", "recordless", "starting"], result.Removed);
        Assert.Contains("torn.json", Assert.Single(result.Problems));
        Assert.Equal([alive.HostInterface], fixture.LinksOfPods());
        Assert.Equal([alive.Addresses[0].ToString()], fixture.FilesOf("leases"));
        Assert.DoesNotContain("8080", fixture.ListTable());
        Assert.Null(fixture.Network.Find("dead"));
    }

    [Fact]
    public async Task Reconcile_LivingSandboxWithoutRecord_KeepsItsNetwork()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, NetworkAttachment attachment) = await fixture.AttachAsync("a", s_web);
        using var server = pod.ServeTcp(80);
        await fixture.Network.DisposeAsync();
        File.WriteAllText(Path.Combine(fixture.Options.StateDirectory, "attachments", "a.json"), "");
        await fixture.RestartAsync();

        NetworkReconciliation result = await fixture.Network.ReconcileAsync(new HashSet<string> { "a" }, CancellationToken.None);

        Assert.Empty(result.Removed);
        Assert.Equal("network record of sandbox \"a\" was lost: it keeps its network, without host ports", result.Problems[^1]);
        Assert.Equal($"you are {NetworkFixture.Gateway}", await fixture.Host.AskTcpAsync(attachment.Addresses[0].ToString(), 80));
        Assert.Equal(attachment.Addresses, fixture.Network.Find("a")!.Addresses);
        // And from now on it is like any other.
        await fixture.Network.DetachAsync("a", CancellationToken.None);
        AssertNothingLeft(fixture);
    }

    [Fact]
    public async Task Reconcile_RulesAndBridgeRemovedByOthers_RestoresThem()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a", s_web);
        using var server = pod.ServeTcp(80);
        fixture.Nft("flush ruleset\n");
        fixture.Host.Configure(batch => batch.DeleteLink("podtest0"));
        fixture.Host.Run(() => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "0"));

        NetworkReconciliation result = await fixture.Network.ReconcileAsync(new HashSet<string> { "a" }, CancellationToken.None);

        Assert.Empty(result.Problems);
        Assert.Equal($"you are {NetworkFixture.OutsideAddress}", await fixture.Outside.AskTcpAsync(NetworkFixture.HostAddress, 8080));
    }

    [Fact]
    public async Task Attach_RulesAndBridgeRemovedByOthers_RestoresThem()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        fixture.Nft("flush ruleset\n");
        fixture.Host.Configure(batch => batch.DeleteLink("podtest0"));

        (PrivateNamespace pod, _) = await fixture.AttachAsync("a", s_web);
        using var server = pod.ServeTcp(80);

        Assert.Equal($"you are {NetworkFixture.OutsideAddress}", await fixture.Outside.AskTcpAsync(NetworkFixture.HostAddress, 8080));
        fixture.Nft("flush ruleset\n");
        await fixture.Network.DetachAsync("a", CancellationToken.None);
        AssertNothingLeft(fixture);
    }

    [Fact]
    public async Task Reconcile_PortTakenWhileNoAgentRan_IsReportedAndTriedAgain()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (PrivateNamespace pod, _) = await fixture.AttachAsync("a", s_web);
        using var server = pod.ServeTcp(80);
        await fixture.Network.DisposeAsync();
        using var thief = fixture.Host.ServeTcp(8080);
        await fixture.RestartAsync();
        var live = new HashSet<string> { "a" };

        NetworkReconciliation first = await fixture.Network.ReconcileAsync(live, CancellationToken.None);
        thief.Dispose();
        NetworkReconciliation second = await fixture.Network.ReconcileAsync(live, CancellationToken.None);

        Assert.Contains("sandbox \"a\" is not reachable over loopback: host port 8080/TCP is taken by process", Assert.Single(first.Problems));
        Assert.Empty(second.Problems);
        Assert.StartsWith("you are", await fixture.Host.AskTcpAsync("127.0.0.1", 8080));
    }

    [Fact]
    public async Task Reconcile_InterfaceRemovedByOthers_IsReported()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        (_, NetworkAttachment attachment) = await fixture.AttachAsync("a");
        fixture.Host.Configure(batch => batch.DeleteLink(attachment.HostInterface));

        NetworkReconciliation result = await fixture.Network.ReconcileAsync(new HashSet<string> { "a" }, CancellationToken.None);

        Assert.Contains("of sandbox \"a\" is gone", Assert.Single(result.Problems));
    }

    [Fact]
    public async Task RemoveAll_AfterUse_HostIsAsBefore()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.AttachAsync("a", s_web);

        await fixture.Network.RemoveAllAsync(CancellationToken.None);
        await fixture.Network.RemoveAllAsync(CancellationToken.None);

        Assert.Equal(["lo", "uplink"], fixture.Host.Route(socket => socket.ListLinks().Select(link => link.Name).Order().ToList()));
        Assert.Equal("", fixture.Nft("list ruleset\n").Trim());
        Assert.Equal("0", fixture.Host.Run(() => File.ReadAllText("/proc/sys/net/ipv4/ip_forward").Trim()));
        Assert.False(Directory.Exists(fixture.Options.StateDirectory));
    }

    [Fact]
    public async Task RemoveAll_BridgeOfSomebodyElse_Stays()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        await fixture.Network.RemoveAllAsync(CancellationToken.None);
        await fixture.Network.DisposeAsync();
        fixture.Host.Configure(batch => batch.AddBridge("podtest0", [2, 0, 0, 0, 0, 1], 0));
        await fixture.RestartAsync();

        await fixture.Network.RemoveAllAsync(CancellationToken.None);

        Assert.NotNull(fixture.Host.Route(socket => socket.FindLink("podtest0")));
    }

    [Fact]
    public async Task AttachDetach_TwoHundredTimes_LeavesNothing()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        const int Rounds = 200;
        int descriptors = NetworkDescriptors();
        List<double> attach = [];
        List<double> attachWithPort = [];
        List<double> detach = [];
        List<double> detachWithPort = [];
        HashSet<string> addresses = [];
        for (int round = 0; round < Rounds; round++)
        {
            bool withPort = round % 2 == 1;
            using Fd pod = Linux.Networking.NetworkNamespaces.Create();
            long start = Stopwatch.GetTimestamp();
            NetworkAttachment attachment = await fixture.Network.AttachAsync(
                new AttachmentRequest($"pod{round}", pod, withPort ? [s_web] : []), CancellationToken.None);
            (withPort ? attachWithPort : attach).Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            addresses.Add(attachment.Addresses[0].ToString());
            start = Stopwatch.GetTimestamp();
            await fixture.Network.DetachAsync($"pod{round}", CancellationToken.None);
            (withPort ? detachWithPort : detach).Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        output.WriteLine($"median ms: attach {Median(attach):F2}, with a host port {Median(attachWithPort):F2}; "
            + $"detach {Median(detach):F2}, with a host port {Median(detachWithPort):F2}");
        AssertNothingLeft(fixture);
        // Addresses went round: none was used twice.
        Assert.Equal(Rounds, addresses.Count);
        // One for every round with a host port would be 100; tests that run beside this one have some dozens open.
        Assert.InRange(NetworkDescriptors(), 0, descriptors + (Rounds / 4));
    }

    // Namespaces and netlink sockets: what an attachment opens. The process has others, of tests that run beside this one.
    private static int NetworkDescriptors()
    {
        HashSet<string> netlink = [.. File.ReadLines("/proc/self/net/netlink").Skip(1).Select(line => $"socket:[{line.TrimEnd().Split(' ')[^1]}]")];
        return Directory.GetFileSystemEntries("/proc/self/fd").Count(entry =>
            new FileInfo(entry).LinkTarget is { } target && (target.StartsWith("net:[", StringComparison.Ordinal) || netlink.Contains(target)));
    }

    [Fact]
    public async Task AttachDetach_ManyAtOnce_AllWork()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();

        (PrivateNamespace Pod, NetworkAttachment Attachment)[] pods =
            await Task.WhenAll(Enumerable.Range(0, 20).Select(n => fixture.AttachAsync($"pod{n}")));

        Assert.Equal(20, pods.Select(pod => pod.Attachment.Addresses[0]).Distinct().Count());
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => fixture.Network.DetachAsync($"pod{n % 10}", CancellationToken.None)));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => fixture.Network.DetachAsync($"pod{n}", CancellationToken.None)));
        output.WriteLine($"20 detachments: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        AssertNothingLeft(fixture);
    }

    [Fact]
    public async Task AttachDetach_SameSandboxesFromAllSides_NeverMixUp()
    {
        await using NetworkFixture fixture = await NetworkFixture.StartAsync();
        using Fd pod = Linux.Networking.NetworkNamespaces.Create();
        int attached = 0;

        // One namespace for all: two attachments at the same time would collide on its interface.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            for (int round = 0; round < 10; round++)
            {
                try
                {
                    await fixture.Network.AttachAsync(new AttachmentRequest("a", pod, [s_web]), CancellationToken.None);
                    Interlocked.Increment(ref attached);
                }
                catch (AgentException e) when (e.Kind is ErrorKind.AlreadyExists or ErrorKind.Unavailable)
                {
                    // Somebody else has it, or is giving it up.
                }

                await fixture.Network.DetachAsync("a", CancellationToken.None);
            }
        })));

        Assert.InRange(attached, 10, 60);
        AssertNothingLeft(fixture);
    }

    private static void AssertNothingLeft(NetworkFixture fixture)
    {
        Assert.Empty(fixture.LinksOfPods());
        Assert.Empty(fixture.FilesOf("leases"));
        Assert.Empty(fixture.FilesOf("attachments"));
        Assert.DoesNotContain("elements", fixture.ListTable());
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
