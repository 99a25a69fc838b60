using System.Net;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Launch;
using PodAgent.Containers.Specs;
using PodAgent.Containers.Supervision;
using PodAgent.Cri.Adapters;
using PodAgent.Images;
using PodAgent.Images.BuiltIn;
using PodAgent.Images.References;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;
using PodAgent.Linux.Systemd;
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
            var launcher = new SandboxLauncher(options.SandboxBinary) { KeepsSpare = options.KeepsSpares };
            owned.Add(new Owned(launcher));
            var network = new BridgedSandboxes(NetworkOptions(options, time), log);
            owned.Add(network);
            var stdio = new KernelStdio();
            owned.Add(new Owned(stdio));
            var security = new HostSecurity(ProcessPrivileges.Read(), Path.Combine(options.RootDirectory, "seccomp"), log);
            var rootfs = new RootfsStore(
                images,
                new RootfsStoreOptions
                {
                    KeepsSpares = options.KeepsSpares,
                    Furnish = MountPoints.Make,
                    TimeProvider = time,
                    Warning = warning => log.CleanupFailed("root file systems", warning),
                });
            // First to go: it works below the directory that the images' lock guards.
            owned.Insert(0, new Owned(rootfs));
            SystemdUnits? units = SystemdPresence.IsRunning ? new SystemdUnits(time: time) : null;
            if (units is not null)
            {
                owned.Add(new Owned(units));
            }

            var podPorts = new PodSockets();
            owned.Add(new Owned(podPorts));
            var ports = new CriPorts
            {
                Supervisors = new SupervisorProcesses(launcher),
                Cgroups = new HostCgroups(OpenCgroups(options, units, time), time),
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
                PodPorts = podPorts,
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

    /// <summary>
    /// Removes what is left on the machine of a runtime whose state directory is lost: the control groups with all processes in them, then
    /// rules and bridge. Images and volumes stay.
    /// </summary>
    /// <exception cref="PodAgent.Linux.AgentException">Something refuses to go; the call can be repeated.</exception>
    public static async Task RemoveTracesAsync(CriOptions options, TimeProvider time)
    {
        using SystemdUnits? units = SystemdPresence.IsRunning ? new SystemdUnits(time: time) : null;
        OpenCgroups(options, units, time).Open(options.CgroupParent).Remove();
        await BridgeNetwork.RemoveTracesAsync(NetworkOptions(options, time)).ConfigureAwait(false);
    }

    // Also where systemd is not the driver: what an earlier agent made through it is taken over and removed.
    private static CgroupHost OpenCgroups(CriOptions options, SystemdUnits? units, TimeProvider time)
    {
        CgroupHost host = CgroupHost.Detect(options.CgroupRoot, options.CgroupParent, time: time, units: units);
        if (options.CgroupDriver != CgroupDriver.Systemd)
        {
            return host;
        }

        if (units is null)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, "the cgroup driver cannot be systemd: it is not process 1 of this machine");
        }

        if (host.Version != 2)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, "the cgroup driver cannot be systemd: it needs cgroup v2 alone, and this machine has v1");
        }

        try
        {
            // Said now, not by every pod.
            _ = units.Version();
            return host;
        }
        catch (AgentException unreachable)
        {
            throw new AgentException(unreachable.Kind, $"the cgroup driver cannot be systemd: {unreachable.Message}; cgroupDriver: cgroupfs does without it", unreachable);
        }
    }

    private static BridgeNetworkOptions NetworkOptions(CriOptions options, TimeProvider time) => new()
    {
        BridgeName = options.BridgeName,
        Subnet = IPNetwork.Parse(options.PodSubnet),
        NftTable = options.NftTable,
        Mtu = options.Mtu,
        StateDirectory = Path.Combine(options.StateDirectory, "network"),
        HostNetworkNamespace = options.HostNetworkNamespace,
        TimeProvider = time,
    };

    private static async Task<ImageStore> OpenImagesAsync(CriOptions options, ILogger log, TimeProvider time, CancellationToken cancellationToken)
    {
        ImageStore images = await ImageStore.OpenAsync(
            new ImageStoreOptions
            {
                Root = Path.Combine(options.RootDirectory, "images"),
                SnapshotRoot = Path.Combine(options.RootDirectory, "snapshots"),
                Registry = options.Registry,
                Pinned = PinnedImages(options),
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

    // The built-in image has no registry to come back from.
    private static HashSet<string> PinnedImages(CriOptions options) =>
        [.. options.PinnedImages.Append(BusyboxImage.Reference).Select(name => ImageReference.Parse(name).WithDefaultTag().ToString())];

    private static void Prepare(SandboxLauncher launcher, HostSecurity security)
    {
        launcher.PrepareSpare();
        _ = Task.Run(() =>
        {
            _ = security.PauseSeccomp;
            _ = security.DefaultAppArmor(required: false);
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
