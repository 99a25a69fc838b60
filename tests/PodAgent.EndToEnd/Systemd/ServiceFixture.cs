using System.Globalization;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Systemd;

/// <summary>
/// The project's unit file as a service of another name with directories, bridge and cgroups of its own: what is installed on the machine
/// stays as it is. The unit lies in /run and is gone afterwards, with every pod.
/// </summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-unit-").FullName;
    private readonly string _unitFile;

    public ServiceFixture()
    {
        Unit = string.Create(CultureInfo.InvariantCulture, $"podagent-e2e-{Environment.ProcessId}.service");
        _unitFile = "/run/systemd/system/" + Unit;
    }

    public string Unit { get; }

    private string Socket => Path.Combine(_directory, "run", "podagent.sock");

    private string Flags => $"--root {_directory}/lib --state {_directory}/run --pod-logs {_directory}/log --manifests {_directory}/manifests "
        + "--bridge paunit0 --subnet 10.130.0.0/24 --nftables-table podagent_unit --cgroup-parent podagent-unit --node-name node-unit";

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "manifests"));
        string unit = await File.ReadAllTextAsync(Repository.Manifest("podagent.service"));
        string mine = unit.Replace("ExecStart=/usr/local/bin/podagent", $"ExecStart={Repository.Program("podagent")} {Flags}", StringComparison.Ordinal);
        Assert.NotEqual(unit, mine);
        await File.WriteAllTextAsync(_unitFile, mine);
        await SystemctlAsync("daemon-reload");
    }

    public async Task DisposeAsync()
    {
        await SystemctlAsync("stop", Unit);
        CommandResult cleanup = await Command.RunAsync(Repository.Program("podagent"), ["cleanup", .. Flags.Split(' ')]);
        Directory.Delete(_unitFile + ".d", recursive: true);
        File.Delete(_unitFile);
        await SystemctlAsync("daemon-reload");
        Directory.Delete(_directory, recursive: true);
        Assert.True(cleanup.ExitCode == 0, cleanup.Error);
        Assert.Empty(await Units.LoadedAsync("podagent_unit"));
    }

    /// <summary>Settings on top of the unit file, until the fixture's end.</summary>
    public async Task OverrideAsync(string settings)
    {
        Directory.CreateDirectory(_unitFile + ".d");
        await File.WriteAllTextAsync(_unitFile + ".d/override.conf", "[Service]\n" + settings + "\n");
        await SystemctlAsync("daemon-reload");
    }

    public async Task<string> SystemctlAsync(params string[] arguments) => (await Command.RunAsync("systemctl", arguments)).Succeeded();

    /// <summary>A property of the service, as the manager sees it.</summary>
    public async Task<string> PropertyAsync(string name) => (await SystemctlAsync("show", "--value", "-p", name, Unit)).Trim();

    public Task<CommandResult> PodctlAsync(params string[] arguments) =>
        Command.RunAsync(Repository.Program("podctl"), arguments, environment: new Dictionary<string, string> { ["PODAGENT_SOCKET"] = Socket });

    public async Task ApplyAsync(string manifest) => (await Command.RunAsync(
        Repository.Program("podctl"), ["apply", "-f", "-"], manifest, new Dictionary<string, string> { ["PODAGENT_SOCKET"] = Socket })).Succeeded();
}
