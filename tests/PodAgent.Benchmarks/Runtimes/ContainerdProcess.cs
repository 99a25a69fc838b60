using System.Diagnostics;
using PodAgent.Api.Cri;

namespace PodAgent.Benchmarks.Runtimes;

/// <summary>Debian's containerd with runc and the bridge CNI plugin, in directories of its own.</summary>
internal sealed class ContainerdProcess : CriRuntimeProcess
{
    private const string Bridge = "cnibench0";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("podagent-bench-ctrd-");
    private Process? _process;
    private StateDirectory? _state;

    public override string Name => "containerd";

    public override string Image => "podagent.local/busybox:latest";

    public override string LogDirectory => Path.Combine(_folder.FullName, "log");

    public override string CgroupParent => "/containerd-bench";

    public override string Blobs => Path.Combine(_folder.FullName, "root/io.containerd.content.v1.content/blobs/sha256");

    public string Version { get; private set; } = "";

    private string Socket => Path.Combine(_folder.FullName, "containerd.sock");

    public static async Task<ContainerdProcess> StartAsync(ContainerdInstallation installation)
    {
        var containerd = new ContainerdProcess();
        string folder = containerd._folder.FullName;
        containerd._state = await StateDirectory.MountAsync(Path.Combine(folder, "volatile"));
        string config = Path.Combine(folder, "config.toml");
        await File.WriteAllTextAsync(config, Configuration(folder, containerd.Socket, installation.PluginFolder));
        Directory.CreateDirectory(Path.Combine(folder, "net.d"));
        await File.WriteAllTextAsync(Path.Combine(folder, "net.d", "10-bench.conflist"), NetworkConfiguration(folder));
        containerd._process = installation.Start(folder, config);
        containerd._process.BeginErrorReadLine();
        await containerd.ConnectAsync(containerd.Socket);
        containerd.Version = (await containerd.Runtime.VersionAsync(new VersionRequest())).RuntimeVersion;

        string archive = Path.Combine(folder, "busybox.tar");
        BusyboxArchive.Write(archive, containerd.Image);
        await Tool.RunAsync(installation.Client, "--address", containerd.Socket, "--namespace", "k8s.io", "images", "import", archive);
        return containerd;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (PodSandbox sandbox in (await Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items)
        {
            await Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandbox.Id });
            await Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox.Id });
        }

        await base.DisposeAsync();
        _process!.Kill();
        await _process.WaitForExitAsync();
        await _state!.DisposeAsync();
        if (Directory.Exists($"/sys/class/net/{Bridge}"))
        {
            await Tool.RunAsync("ip", "link", "delete", Bridge);
        }

        _folder.Delete(recursive: true);

        // Its pods' groups stay, empty: their parents are the client's.
        foreach (string group in Directory.EnumerateDirectories("/sys/fs/cgroup").Select(controller => controller + CgroupParent).Where(Directory.Exists))
        {
            await Tool.RunAsync("find", group, "-depth", "-type", "d", "-delete");
        }
    }

    private static string Configuration(string folder, string socket, string plugins) =>
        $"""
        version = 2
        root = "{folder}/root"
        state = "{folder}/volatile/state"
        [grpc]
          address = "{socket}"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "podagent.local/busybox:latest"
          restrict_oom_score_adj = true
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "{plugins}"
            conf_dir = "{folder}/net.d"
        """;

    private static string NetworkConfiguration(string folder) =>
        $$"""
        {
          "cniVersion": "0.4.0",
          "name": "bench",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "{{Bridge}}",
              "isGateway": true,
              "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.202.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "{{folder}}/ipam"}
            }
          ]
        }
        """;
}
