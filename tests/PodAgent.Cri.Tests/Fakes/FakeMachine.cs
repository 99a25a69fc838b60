using System.Collections.Concurrent;
using PodAgent.Api.Cri;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Specs;
using PodAgent.Containers.Users;
using PodAgent.Cri.Ports;
using PodAgent.Images;
using PodAgent.Images.Pulling;
using PodAgent.Images.Pushing;
using PodAgent.Images.Configs;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Networking;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>The rest of the machine: everything succeeds, is counted, and can be made to fail.</summary>
internal sealed class FakeMachine : IImages, IRootfsSource, IImageVolumes, ISandboxNetwork, ISandboxFiles, ISecurityProfiles, IUserDatabase, IHostDevices, IHostCounters
{
    public List<ImageRecord> Images { get; } = [];

    /// <summary>The last pull asked for.</summary>
    public PullRequest? Pulled { get; private set; }

    public ConcurrentDictionary<string, bool> Rootfs { get; } = new();

    public int Reopened { get; private set; }

    public ConcurrentDictionary<string, SandboxNetworkRequest> Attached { get; } = new();

    public IReadOnlySet<string>? Reconciled { get; private set; }

    public IReadOnlySet<string>? Kept { get; private set; }

    public ConcurrentDictionary<string, bool> SharedMemory { get; } = new();

    public List<(string Path, string Directory)> Volumes { get; } = [];

    public Exception? AttachFailure { get; set; }

    public Exception? DetachFailure { get; set; }

    public Exception? RootfsFailure { get; set; }

    public Dictionary<string, ResolvedUser> Users { get; } = new(StringComparer.Ordinal)
    {
        [""] = new(0, 0, "root", "/root", []),
        ["1000"] = new(1000, 1000, "default-user", "/home/default-user", [50000]),
        ["1000:1002"] = new(1000, 1002, "default-user", "/home/default-user", [50000]),
        ["nobody"] = new(65534, 65534, "nobody", "/home", []),
    };

    public string? Problem { get; set; }

    public string? Subnet { get; private set; }

    public byte[] PauseSeccomp => [1];

    public bool UserNamespaces => true;

    string IImages.Directory => "/images";

    public ImageRecord? Find(string reference) =>
        Images.Find(image => image.Id == reference || image.RepoTags.Contains(reference) || image.RepoDigests.Contains(reference));

    public IReadOnlyList<ImageRecord> List() => Images;

    Task IImages.RemoveAsync(string imageId, CancellationToken cancellationToken)
    {
        Images.RemoveAll(image => image.Id == imageId);
        return Task.CompletedTask;
    }

    Task<ImageRecord> IImages.PullAsync(PullRequest request, CancellationToken cancellationToken)
    {
        Pulled = request;
        return Find(request.Reference) is { } image ? Task.FromResult(image) : throw new AgentException(ErrorKind.NotFound, "no registry has it");
    }

    Task<string> IImages.PushAsync(PushRequest request, CancellationToken cancellationToken) => Task.FromResult("sha256:pushed");

    Task<ImageRecord> IImages.TagAsync(string reference, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Find(reference) ?? throw new AgentException(ErrorKind.NotFound, $"image \"{reference}\" not found"));

    Task<UntagResult> IImages.UntagAsync(string reference, Action<ImageRecord> check, CancellationToken cancellationToken)
    {
        ImageRecord image = Find(reference) ?? throw new AgentException(ErrorKind.NotFound, $"image \"{reference}\" not found");
        check(image);
        Images.Remove(image);
        return Task.FromResult(new UntagResult(image.RepoTags, image.Id));
    }

    ImageDocuments IImages.Inspect(string reference) => new(Find(reference)!, "{}"u8.ToArray(), "{}"u8.ToArray());

    async Task IImages.ExportAsync(IReadOnlyList<string> references, Stream output, CancellationToken cancellationToken) =>
        await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(string.Join('+', references)), cancellationToken);

    DiskUsage IImages.Usage() => new(1234, 56);

    public async Task<IReadOnlyList<ImageRecord>> ImportAsync(
        Stream archive, string source, string? reference, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(archive);
        string content = await reader.ReadToEndAsync(cancellationToken);
        var image = Image($"sha256:{content}", reference ?? "", new ImageConfig());
        Images.Add(image);
        return [image];
    }

    public static ImageRecord Image(string id, string tag, ImageConfig config) => new()
    {
        Id = id,
        RepoTags = [tag],
        RepoDigests = [],
        ManifestDigest = id,
        Size = 1000,
        Config = config,
        ChainIds = [],
        ImportedAt = DateTimeOffset.UnixEpoch,
    };

    public async Task<Fd> PrepareAsync(RootfsPlan plan, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (RootfsFailure is not null)
        {
            throw RootfsFailure;
        }

        Rootfs[plan.ContainerId] = true;
        Plans[plan.ContainerId] = plan;
        return new Fd();
    }

    public ConcurrentDictionary<string, RootfsPlan> Plans { get; } = new();

    public List<(string Path, IdMapping Owners)> Given { get; } = [];

    public Fd OpenVolume(string containerId, int index, SandboxOwners? owners) => new();

    public bool Has(Fd root, string path) => path == "etc";

    public void GiveTo(string path, IdMapping owners) => Given.Add((path, owners));

    public Fd Reopen(string containerId, SandboxOwners? owners)
    {
        Reopened++;
        return new Fd();
    }

    Task IRootfsSource.RemoveAsync(string containerId, CancellationToken cancellationToken)
    {
        Rootfs.TryRemove(containerId, out _);
        return Task.CompletedTask;
    }

    DiskUsage IRootfsSource.Usage(string containerId) => new(10, 1);

    public Task CollectGarbageAsync(IReadOnlySet<string> liveContainers, CancellationToken cancellationToken)
    {
        Kept = liveContainers;
        return Task.CompletedTask;
    }

    public void Populate(Fd rootfs, string path, string directory, IdMapping? owners)
    {
        System.IO.Directory.CreateDirectory(directory);
        Volumes.Add((path, directory));
    }

    public Task<IReadOnlyList<string>> AttachAsync(SandboxNetworkRequest request, CancellationToken cancellationToken)
    {
        if (AttachFailure is not null)
        {
            return Task.FromException<IReadOnlyList<string>>(AttachFailure);
        }

        Attached[request.SandboxId] = request;
        return Task.FromResult<IReadOnlyList<string>>(["10.88.0.2"]);
    }

    public Task DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        if (DetachFailure is not null)
        {
            return Task.FromException(DetachFailure);
        }

        Attached.TryRemove(sandboxId, out _);
        return Task.CompletedTask;
    }

    public Task RemoveAllAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task UseSubnetAsync(string ranges, CancellationToken cancellationToken)
    {
        Subnet = ranges;
        return Task.CompletedTask;
    }

    public IReadOnlyList<InterfaceCounters> Interfaces(int pid) =>
        [new("lo", 1, 1, 0, 0, 1, 1, 0, 0), new("eth0", 100, 10, 1, 2, 200, 20, 3, 4), new("net1", 5, 1, 0, 0, 6, 1, 0, 0)];

    public ProcessTotals Count(IReadOnlyList<int> pids) => new((ulong)pids.Count, 3, 5, 2);

    public FileSystemUsage FileSystem(string directory) => new(1000, 600, 500, 100, 60);

    public Task ReconcileAsync(IReadOnlySet<string> liveSandboxes, CancellationToken cancellationToken)
    {
        Reconciled = liveSandboxes;
        return Task.CompletedTask;
    }

    public string Hosts(string hostname, IReadOnlyList<string> addresses, bool hostNetwork) => $"{string.Join(' ', addresses)} {hostname}\n";

    public string ResolvConf(DNSConfig? dns) => string.Concat(dns?.Servers.Select(server => $"nameserver {server}\n") ?? []);

    public void MountSharedMemory(string directory, long bytes, IdMapping? owners) => SharedMemory[directory] = true;

    public void UnmountSharedMemory(string directory) => SharedMemory.TryRemove(directory, out _);

    public Capabilities Resolve(CapabilityRequest request) => new ProcessPrivileges(CapabilitySet.All, 0).Resolve(request);

    public int ClampOomScore(long requested) => (int)requested;

    public byte[] RuntimeDefaultSeccomp(ulong capabilities) => [2, 2];

    public byte[] CompileSeccomp(string path, ulong capabilities) => System.Text.Encoding.UTF8.GetBytes(path);

    /// <summary>AppArmor is enabled on this machine.</summary>
    public bool AppArmor { get; set; }

    public string DefaultAppArmor(bool required) =>
        AppArmor ? "podagent-default" : required ? throw new AgentException(ErrorKind.FailedPrecondition, "AppArmor is not enabled") : "";

    public void RequireAppArmor(string profile)
    {
        if (profile is not ("known" or "strict"))
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"AppArmor profile \"{profile}\" is not loaded");
        }
    }

    public ResolvedUser Resolve(Fd rootfs, string user) =>
        Users.TryGetValue(user, out ResolvedUser? known) ? known : throw new AgentException(ErrorKind.InvalidArgument, $"user \"{user}\" not found");

    public Fd OpenRoot(int pid) => new();

    public IReadOnlyList<HostDevice> Read(string path) => path switch
    {
        "/dev/fuse" => [new("/dev/fuse", 'c', 10, 229, 0x1b6, 0, 0)],
        "/dev/snd" => [new("/dev/snd/timer", 'c', 116, 33, 0x1b0, 0, 29), new("/dev/snd/by-path/x", 'c', 116, 2, 0x1b0, 0, 29)],
        _ => throw new AgentException(ErrorKind.InvalidArgument, $"device \"{path}\" does not exist"),
    };

    public IReadOnlyList<HostDevice> All() => [new("/dev/kmsg", 'c', 1, 11, 0x1a4, 0, 0)];
}
