using System.Globalization;
using System.Text.Json;
using PodAgent.Api.Cri;
using PodAgent.Linux.Processes;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Security;

/// <summary>What of the node a pod could get hold of.</summary>
public sealed class NodeExposureTests
{
    [Fact]
    public async Task Sockets_OfTheSupervisor_HaveNoAbstractName()
    {
        // A pod on the node's network could connect to an abstract socket, whatever its directory (CVE-2020-15257).
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string info = (await machine.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = sandbox, Verbose = true })).Info["info"];
        int pause = JsonDocument.Parse(info).RootElement.GetProperty("pid").GetInt32();
        int supervisor = ProcessRecord.TryRead(pause)!.ParentPid;

        string[] sockets =
        [
            .. Directory.EnumerateFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{supervisor}/fd"))
                .Select(link => new FileInfo(link).LinkTarget ?? "")
                .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(target => target["socket:[".Length..^1]),
        ];
        string[][] table = [.. File.ReadLines("/proc/net/unix").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        string[] names = [.. table.Where(fields => fields.Length > 7 && sockets.Contains(fields[6])).Select(fields => fields[7])];

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.StartsWith("/", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task State_Directories_AreRootsAlone()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        _ = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));

        foreach (string directory in new[] { machine.Options.StateDirectory, machine.Options.RootDirectory }.SelectMany(Directory.EnumerateDirectories))
        {
            UnixFileMode others = File.GetUnixFileMode(directory) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
            UnixFileMode around = File.GetUnixFileMode(Path.GetDirectoryName(directory)!) & UnixFileMode.OtherExecute;
            Assert.True(others == 0 || around == 0, $"{directory} can be entered by others");
        }
    }

    [Fact]
    public async Task Exec_AsAnyUser_InheritsNoCapabilities()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string container = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));

        (_, string output, _) = await machine.ShellAsync(container, "grep -E 'Cap(Inh|Amb)' /proc/self/status");

        Assert.Equal("CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n", output);
    }

    [Fact]
    public async Task Annotations_OfAPod_ChangeNothingOfItsConfinement()
    {
        // CVE-2023-6476, CVE-2024-3154: what other runtimes took from annotations.
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        string[] keys = ["io.kubernetes.cri-o.userns-mode", "io.kubernetes.cri-o.umask", "io.kubernetes.cri-o.UnifiedCgroup.main", "org.systemd.property.TimeoutStopUSec",
            "io.kubernetes.cri-o.Devices", "io.container.manager", "io.katacontainers.config.hypervisor.path"];
        foreach (string key in keys)
        {
            pod.Annotations[key] = "/dev/kmsg:rwm;memory.max=max";
        }

        string sandbox = await machine.RunAsync(pod);
        string plain = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000", "plain"));
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Annotations.Add(pod.Annotations);
        string annotated = await machine.StartAsync(sandbox, config);

        const string script = "grep -E 'Cap|Seccomp|NoNew|Umask|Uid' /proc/self/status; ls /dev; cat /proc/self/uid_map";
        Assert.Equal(await machine.ShellAsync(plain, script), await machine.ShellAsync(annotated, script));
    }
}
