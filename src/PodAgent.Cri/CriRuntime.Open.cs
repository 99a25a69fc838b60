using System.Net;
using Microsoft.Extensions.Logging;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Launch;
using PodAgent.Containers.Specs;
using PodAgent.Containers.Supervision;
using PodAgent.Cri.Adapters;
using PodAgent.Images;
using PodAgent.Images.BuiltIn;
using PodAgent.Images.Snapshots;
using PodAgent.Network;

namespace PodAgent.Cri;

public sealed partial class CriRuntime
{
    /// <summary>
    /// Opens the runtime on this machine. What is expensive and does not change (filters, hierarchies, a ready supervisor) is prepared
    /// here, so that no pod waits for it.
    /// </summary>
    /// <exception cref="PodAgent.Linux.AgentException">FailedPrecondition: another agent has the same directories; or the machine lacks
    /// what no pod can do without.</exception>
    public static async Task<CriRuntime> OpenAsync(
        CriOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        ILogger log = loggers.CreateLogger("PodAgent.Cri");
        Directory.CreateDirectory(options.StateDirectory, Recovery.SetAside.OwnerOnly);
        Directory.CreateDirectory(options.RootDirectory, Recovery.SetAside.OwnerOnly);
        var owned = new List<IAsyncDisposable>();
        try
        {
            ImageStore images = await OpenImagesAsync(options, log, time, cancellationToken).ConfigureAwait(false);
            owned.Add(new Owned(images));
            var launcher = new SandboxLauncher(options.SandboxBinary);
            owned.Add(new Owned(launcher));
            var network = new BridgedSandboxes(
                new BridgeNetworkOptions
                {
                    BridgeName = options.BridgeName,
                    Subnet = IPNetwork.Parse(options.PodSubnet),
                    NftTable = options.NftTable,
                    Mtu = options.Mtu,
                    StateDirectory = Path.Combine(options.StateDirectory, "network"),
                    HostNetworkNamespace = options.HostNetworkNamespace,
                    TimeProvider = time,
                },
                log);
            owned.Add(network);
            var stdio = new KernelStdio();
            owned.Add(new Owned(stdio));
            var security = new HostSecurity(ProcessPrivileges.Read(), Path.Combine(options.RootDirectory, "seccomp"));
            var rootfs = new RootfsStore(
                images,
                new RootfsStoreOptions
                {
                    KeepsSpares = true,
                    Furnish = MountPoints.Make,
                    TimeProvider = time,
                    Warning = warning => log.CleanupFailed("root file systems", warning),
                });
            // First to go: it works below the directory that the images' lock guards.
            owned.Insert(0, new Owned(rootfs));
            var ports = new CriPorts
            {
                Supervisors = new SupervisorProcesses(launcher),
                Cgroups = new HostCgroups(CgroupHost.Detect(options.CgroupRoot, options.CgroupParent, time: time), time),
                Images = new StoredImages(images, options.RootDirectory),
                Rootfs = new LayeredRootfs(rootfs),
                Volumes = new VolumeCopies(),
                Network = network,
                Files = new PodFiles(),
                Security = security,
                Users = new ImageUsers(),
                Devices = new HostDevices(),
                Counters = new HostCounters(),
                Stdio = stdio,
            };
            Prepare(launcher, security);
            return await OpenAsync(options, ports, loggers, time, cancellationToken, owned).ConfigureAwait(false);
        }
        catch
        {
            foreach (IAsyncDisposable each in owned)
            {
                await each.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    private static async Task<ImageStore> OpenImagesAsync(CriOptions options, ILogger log, TimeProvider time, CancellationToken cancellationToken)
    {
        ImageStore images = await ImageStore.OpenAsync(
            new ImageStoreOptions
            {
                Root = Path.Combine(options.RootDirectory, "images"),
                SnapshotRoot = Path.Combine(options.RootDirectory, "snapshots"),
                TimeProvider = time,
                Warning = warning => log.CleanupFailed("images", warning),
            },
            cancellationToken).ConfigureAwait(false);
        try
        {
            await BusyboxImage.EnsureAsync(images, options.BusyboxPath, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Only pods that name it need it, and they are told.
            log.CleanupFailed($"image {BusyboxImage.Reference} is not available", failure.Message);
        }

        return images;
    }

    private static void Prepare(SandboxLauncher launcher, HostSecurity security)
    {
        launcher.PrepareSpare();
        _ = Task.Run(() =>
        {
            _ = security.PauseSeccomp;
            _ = security.RuntimeDefaultSeccomp(security.Resolve(new CapabilityRequest()).Effective);
        });
    }

    private sealed class Owned(IDisposable owned) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            owned.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
