using PodAgent.EndToEnd.Harness;
using PodAgent.Linux.Systemd;

namespace PodAgent.EndToEnd.Systemd;

/// <summary>What the service manager and the kernel say of units.</summary>
internal static class Units
{
    public const string Root = "/sys/fs/cgroup/";

    /// <summary>The slice above all pods of an agent.</summary>
    public static string SliceOf(AgentFixture agent) => SliceName.ForPath(agent.CgroupParent);

    /// <summary>A container's scope, or that of pause.</summary>
    public static string Scope(string id) => $"podagent-{id}.scope";

    public static async Task<string> SystemctlAsync(params string[] arguments) => (await Command.RunAsync("systemctl", arguments)).Succeeded();

    /// <summary>Properties of a unit, in the order they were asked for.</summary>
    public static async Task<string[]> ShowAsync(string unit, params string[] properties)
    {
        Dictionary<string, string> shown = (await SystemctlAsync("show", unit, "-p", string.Join(',', properties))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
        return [.. properties.Select(property => shown.GetValueOrDefault(property, "(none)"))];
    }

    public static async Task<string> ShowOneAsync(string unit, string property) => (await ShowAsync(unit, property))[0];

    /// <summary>Names of the loaded units with this in their names, whatever their state.</summary>
    public static async Task<IReadOnlyList<string>> LoadedAsync(string part) =>
        [.. (await SystemctlAsync("list-units", "--all", "--plain", "--no-legend", $"*{part}*")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).Order(StringComparer.Ordinal)];

    /// <summary>An interface file of a unit's cgroup.</summary>
    public static async Task<string> FileAsync(string unit, string file) =>
        (await File.ReadAllTextAsync(Root + (await ShowOneAsync(unit, "ControlGroup")).TrimStart('/') + "/" + file)).Trim();

    public static async Task<string[]> FilesAsync(string unit, params string[] files)
    {
        var contents = new List<string>();
        foreach (string file in files)
        {
            contents.Add(await FileAsync(unit, file));
        }

        return [.. contents];
    }
}
