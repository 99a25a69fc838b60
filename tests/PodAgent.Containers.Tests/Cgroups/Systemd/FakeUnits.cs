using PodAgent.Linux;
using PodAgent.Linux.Systemd;

namespace PodAgent.Containers.Tests.Cgroups.Systemd;

/// <summary>A service manager that makes the directories of slices and removes those of units, as the real one does, and notes what it is told.</summary>
internal sealed class FakeUnits(string root) : IUnits
{
    /// <summary>Names of the units that are there, with their state.</summary>
    public Dictionary<string, string> Loaded { get; } = [];

    public List<string> Calls { get; } = [];

    /// <summary>Properties that a unit was last given, one on a line.</summary>
    public Dictionary<string, string> Properties { get; } = [];

    public AgentException? Refusal { get; set; }

    /// <summary>What the manager writes into cgroups when it starts a unit.</summary>
    public Action<string>? Started { get; set; }

    public bool StartTransientUnit(string name, IReadOnlyList<UnitProperty> properties)
    {
        Calls.Add("start " + name);
        if (Refusal is not null)
        {
            throw Refusal;
        }

        if (!Loaded.TryAdd(name, "active"))
        {
            return false;
        }

        Properties[name] = string.Join('\n', properties);
        if (SliceName.Ends(name))
        {
            Directory.CreateDirectory(Path.Combine(root, SliceName.Expand(name)));
        }

        Started?.Invoke(name);
        return true;
    }

    public bool StopUnit(string name)
    {
        Calls.Add("stop " + name);
        foreach (string directory in Directory.GetDirectories(root, name, SearchOption.AllDirectories))
        {
            Directory.Delete(directory, recursive: true);
        }

        return Loaded.Remove(name);
    }

    public bool SetUnitProperties(string name, IReadOnlyList<UnitProperty> properties)
    {
        Calls.Add("set " + name);
        if (!Loaded.ContainsKey(name))
        {
            return false;
        }

        Properties[name] = string.Join('\n', properties);
        return true;
    }

    public void ResetFailedUnit(string name)
    {
        Calls.Add("reset " + name);
        if (Loaded.GetValueOrDefault(name) == "failed")
        {
            Loaded.Remove(name);
        }
    }

    public string? ActiveState(string name) => Loaded.GetValueOrDefault(name);
}
