using System.Net;
using System.Text;
using PodAgent.Linux;

namespace PodAgent.Network.Addresses;

/// <summary>
/// The addresses of a subnet and who holds them. A lease is a file named by the address that holds the sandbox's ID: creating it
/// exclusively is the allocation, so that neither a crash nor a second agent on the same directory can hand an address out twice.
/// Addresses go round: one that was given back is the last to be used again, because peers remember it. Not thread-safe.
/// </summary>
internal sealed class AddressPool
{
    // The network's own address and the gateway in front, the broadcast address behind.
    private const uint FirstOffset = 2;

    private readonly IPNetwork _subnet;
    private readonly string _directory;
    private readonly string _lastFile;
    private readonly Dictionary<IPAddress, string> _holders = [];
    private uint _last;

    private AddressPool(IPNetwork subnet, string directory)
    {
        _subnet = subnet;
        _directory = directory;
        _lastFile = Path.Combine(directory, "last");
    }

    /// <summary>The leases: address to sandbox ID. An empty ID is a lease whose taker did not live to write its name.</summary>
    public IReadOnlyDictionary<IPAddress, string> Leases => _holders;

    private uint Capacity => AddressRange.Size(_subnet) - FirstOffset - 1;

    /// <summary>Reads the leases of a directory, which is made when missing.</summary>
    public static AddressPool Open(IPNetwork subnet, string directory)
    {
        Directory.CreateDirectory(directory);
        var pool = new AddressPool(subnet, directory);
        foreach (string path in Directory.EnumerateFiles(directory))
        {
            string name = Path.GetFileName(path);
            // Leases of a former subnet are kept in sight too: reconciliation removes those without a sandbox.
            if (IPAddress.TryParse(name, out IPAddress? address) && address.ToString() == name)
            {
                pool._holders[address] = File.ReadAllText(path).Trim();
            }
        }

        pool._last = pool.ReadLast();
        return pool;
    }

    /// <summary>Leases an address.</summary>
    /// <exception cref="AgentException">ResourceExhausted: every address has a holder.</exception>
    public IPAddress Allocate(string sandboxId)
    {
        uint capacity = Capacity;
        for (uint step = 1; step <= capacity; step++)
        {
            uint offset = FirstOffset + ((_last + step) % capacity);
            IPAddress address = AddressRange.At(_subnet, offset);
            if (!_holders.ContainsKey(address) && TryCreate(address, sandboxId))
            {
                try
                {
                    WriteLast(address);
                }
                catch
                {
                    Release(address);
                    throw;
                }

                _last = offset - FirstOffset;
                return address;
            }
        }

        throw new AgentException(
            ErrorKind.ResourceExhausted, $"cannot lease an address: all {capacity} pod addresses of subnet {_subnet} are in use");
    }

    /// <summary>Writes a lease again that was lost while its holder lives.</summary>
    public void Restore(IPAddress address, string sandboxId)
    {
        if (!_holders.ContainsKey(address))
        {
            TryCreate(address, sandboxId);
        }
    }

    /// <summary>Gives an address back; one without a lease is no error.</summary>
    public void Release(IPAddress address)
    {
        File.Delete(LeasePath(address));
        _holders.Remove(address);
    }

    private string LeasePath(IPAddress address) => Path.Combine(_directory, address.ToString());

    private bool TryCreate(IPAddress address, string sandboxId)
    {
        FileStream lease;
        try
        {
            lease = new FileStream(LeasePath(address), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(LeasePath(address)))
        {
            return false;
        }

        try
        {
            lease.Write(Encoding.ASCII.GetBytes(sandboxId));
            lease.Dispose();
        }
        catch
        {
            lease.Dispose();
            File.Delete(LeasePath(address));
            throw;
        }

        _holders[address] = sandboxId;
        return true;
    }

    // Without a usable note the round starts at the first address: only the order of use suffers.
    private uint ReadLast()
    {
        string text = File.Exists(_lastFile) ? File.ReadAllText(_lastFile) : "";
        bool known = IPAddress.TryParse(text, out IPAddress? address) && _subnet.Contains(address);
        uint offset = known ? AddressRange.OffsetOf(_subnet, address!) : 0;
        return offset >= FirstOffset && offset - FirstOffset < Capacity ? offset - FirstOffset : Capacity - 1;
    }

    private void WriteLast(IPAddress address) => File.WriteAllText(_lastFile, address.ToString());
}
