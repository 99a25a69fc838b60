using System.Net;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Linux;
using PodAgent.Network.Addresses;

namespace PodAgent.Network.Tests.Addresses;

public sealed class AddressPoolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Allocate_FirstTime_StartsBehindTheGateway()
    {
        AddressPool pool = Open("10.88.0.0/16");

        Assert.Equal("10.88.0.2", pool.Allocate("a").ToString());
        Assert.Equal("10.88.0.3", pool.Allocate("b").ToString());
        Assert.Equal("a", File.ReadAllText(Path.Combine(_directory.Path, "10.88.0.2")));
    }

    [Fact]
    public void Allocate_AfterRelease_TakesTheAddressThatWasFreeLongest()
    {
        AddressPool pool = Open("10.88.0.0/29");
        IPAddress first = pool.Allocate("a");
        pool.Release(first);

        List<string> next = [.. Enumerable.Range(0, 5).Select(n => pool.Allocate($"s{n}").ToString())];

        Assert.Equal(["10.88.0.3", "10.88.0.4", "10.88.0.5", "10.88.0.6", "10.88.0.2"], next);
    }

    [Fact]
    public void Allocate_AfterReopening_GoesOnWhereItWas()
    {
        AddressPool pool = Open("10.88.0.0/16");
        pool.Release(pool.Allocate("a"));

        Assert.Equal("10.88.0.3", Open("10.88.0.0/16").Allocate("b").ToString());
    }

    [Fact]
    public void Allocate_NoteCannotBeWritten_LeasesNothing()
    {
        AddressPool pool = Open("10.88.0.0/16");
        Directory.CreateDirectory(Path.Combine(_directory.Path, "last"));

        Assert.Throws<UnauthorizedAccessException>(() => pool.Allocate("a"));

        Assert.Empty(pool.Leases);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Theory]
    [InlineData("10.1.2.0/30", 1)]
    [InlineData("10.1.2.64/27", 29)]
    public void Allocate_AllUsed_SaysSoAndGaveOutOnlyHosts(string subnet, int capacity)
    {
        AddressPool pool = Open(subnet);
        IPNetwork network = IPNetwork.Parse(subnet);
        HashSet<IPAddress> given = [.. Enumerable.Range(0, capacity).Select(n => pool.Allocate($"s{n}"))];

        AgentException refusal = Assert.Throws<AgentException>(() => pool.Allocate("one-more"));

        Assert.Equal(ErrorKind.ResourceExhausted, refusal.Kind);
        Assert.Equal($"cannot lease an address: all {capacity} pod addresses of subnet {subnet} are in use", refusal.Message);
        Assert.Equal(capacity, given.Count);
        Assert.All(given, address => Assert.InRange(AddressRange.OffsetOf(network, address), 2u, AddressRange.Size(network) - 2));
    }

    [Fact]
    public void Allocate_LeaseOfAnotherProcess_IsRespected()
    {
        AddressPool pool = Open("10.88.0.0/16");
        File.WriteAllText(Path.Combine(_directory.Path, "10.88.0.2"), "foreign");

        Assert.Equal("10.88.0.3", pool.Allocate("a").ToString());
    }

    [Fact]
    public void Open_LeaseWithoutName_IsKeptUntilReleased()
    {
        File.WriteAllText(Path.Combine(_directory.Path, "10.88.0.2"), "");
        AddressPool pool = Open("10.88.0.0/16");

        Assert.Equal("", pool.Leases[IPAddress.Parse("10.88.0.2")]);
        Assert.Equal("10.88.0.3", pool.Allocate("a").ToString());
    }

    [Fact]
    public void Open_UnusableNote_StartsAtTheFront()
    {
        File.WriteAllText(Path.Combine(_directory.Path, "last"), "192.0.2.1 and more");

        Assert.Equal("10.88.0.2", Open("10.88.0.0/16").Allocate("a").ToString());
    }

    // Any sequence of leases, returns and crashes (reopening): never two holders, nothing lost, nothing left.
    [Fact]
    public void Pool_AnySequence_HasOneHolderPerAddressAndNoLeak()
    {
        Arbitrary<int[]> sequences = Gen.Choose(-3, 9).ArrayOf().ToArbitrary();
        Prop.ForAll(sequences, Holds).QuickCheckThrowOnFailure();
    }

    private static bool Holds(int[] steps)
    {
        using var directory = new TemporaryDirectory();
        IPNetwork subnet = IPNetwork.Parse("10.7.0.0/28");
        AddressPool pool = AddressPool.Open(subnet, directory.Path);
        Dictionary<IPAddress, string> model = [];
        int number = 0;
        foreach (int step in steps)
        {
            if (step == -3)
            {
                pool = AddressPool.Open(subnet, directory.Path);
            }
            else if (step < 4 && model.Count > 0)
            {
                IPAddress victim = model.Keys.OrderBy(address => address.ToString(), StringComparer.Ordinal).ElementAt(Math.Abs(step) % model.Count);
                pool.Release(victim);
                model.Remove(victim);
            }
            else if (model.Count < 13)
            {
                string holder = $"s{number++}";
                IPAddress address = pool.Allocate(holder);
                if (!model.TryAdd(address, holder))
                {
                    return false;
                }
            }
            else if (!Refuses(pool))
            {
                return false;
            }

            if (!Matches(pool, model, directory.Path))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Refuses(AddressPool pool)
    {
        try
        {
            pool.Allocate("too-many");
            return false;
        }
        catch (AgentException e)
        {
            return e.Kind == ErrorKind.ResourceExhausted;
        }
    }

    private static bool Matches(AddressPool pool, Dictionary<IPAddress, string> model, string directory)
    {
        Dictionary<string, string> files = Directory.GetFiles(directory)
            .Where(path => Path.GetFileName(path) != "last")
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
        return pool.Leases.Count == model.Count
            && files.Count == model.Count
            && model.All(lease => pool.Leases[lease.Key] == lease.Value && files[lease.Key.ToString()] == lease.Value);
    }

    private AddressPool Open(string subnet) => AddressPool.Open(IPNetwork.Parse(subnet), _directory.Path);
}
