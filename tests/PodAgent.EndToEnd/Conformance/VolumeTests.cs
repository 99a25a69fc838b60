using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;
using PodAgent.Linux.Mounting;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Mounts from the host: their place, what passes through them and what may be written.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class VolumeTests : IDisposable
{
    private readonly AgentFixture _agent;
    private readonly string _volume;

    public VolumeTests(AgentFixture agent)
    {
        _agent = agent;
        _volume = Directory.CreateTempSubdirectory("podagent-volume-").FullName;
        Directory.CreateDirectory(Path.Combine(_volume, "below"));
        File.WriteAllText(Path.Combine(_volume, "file"), "content");
        Mounts.Mount(_volume, _volume, null, MountFlags.Bind);
        Mounts.Mount(null, _volume, null, MountFlags.Shared);
    }

    [Fact]
    public async Task Mount_WithoutLinuxSection_IsAtItsPlaceAndTheOnlyOneNamed()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        ContainerConfig config = CriPod.Idle();
        config.Mounts.Add(new Mount { HostPath = _volume, ContainerPath = _volume, SelinuxRelabel = true });

        string container = await pod.StartAsync(config);

        Assert.Equal("below\nfile\n", await pod.OutputAsync(container, "ls", "-A", _volume));
        Assert.Equal(config.Mounts, (await pod.StatusAsync(container)).Mounts);
    }

    [Fact]
    public async Task Mount_OfASymbolicLink_IsOfWhatItLeadsTo()
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        string link = Path.Combine(_agent.Directory, "link-to-volume");
        File.CreateSymbolicLink(link, _volume);
        ContainerConfig config = CriPod.Idle();
        config.Mounts.Add(new Mount { HostPath = link, ContainerPath = link });

        string container = await pod.StartAsync(config);

        Assert.Equal("content", await pod.OutputAsync(container, "cat", link + "/file"));
        File.Delete(link);
    }

    [Theory]
    [InlineData(MountPropagation.PropagationPrivate, false, false)]
    [InlineData(MountPropagation.PropagationHostToContainer, true, false)]
    [InlineData(MountPropagation.PropagationBidirectional, true, true)]
    public async Task Mount_Propagates_AsFarAsAsked(MountPropagation propagation, bool inwards, bool outwards)
    {
        Directory.CreateDirectory(Path.Combine(_volume, "inner"));
        await using CriPod pod = await CriPod.RunAsync(_agent, new LinuxSandboxSecurityContext { Privileged = true });
        ContainerConfig config = CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { Privileged = true });
        config.Mounts.Add(new Mount { HostPath = _volume, ContainerPath = "/volume", Propagation = propagation });
        string container = await pod.StartAsync(config);
        string below = Path.Combine(_volume, "below");
        Mounts.Mount("tmpfs", below, "tmpfs", MountFlags.None);
        File.WriteAllText(Path.Combine(below, "from-host"), "");

        Assert.Equal(inwards ? "from-host\n" : "", await pod.OutputAsync(container, "ls", "/volume/below"));
        await pod.OutputAsync(container, "sh", "-c", "mount -t tmpfs none /volume/inner && touch /volume/inner/from-container");
        Assert.Equal(outwards, File.Exists(Path.Combine(_volume, "inner", "from-container")));
        Assert.Equal(propagation, Assert.Single((await pod.StatusAsync(container)).Mounts).Propagation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mount_ReadOnly_CoversMountsBelowOnlyWhenRecursive(bool recursive)
    {
        Mounts.Mount("tmpfs", Path.Combine(_volume, "below"), "tmpfs", MountFlags.None);
        await using CriPod pod = await CriPod.RunAsync(_agent);
        ContainerConfig config = CriPod.Idle();
        config.Mounts.Add(new Mount { HostPath = _volume, ContainerPath = "/volume", Readonly = true, RecursiveReadOnly = recursive });
        string container = await pod.StartAsync(config);

        Assert.Contains("Read-only file system", (await pod.ExecAsync(container, "touch", "/volume/new")).Error, StringComparison.Ordinal);
        (int code, _, string error) = await pod.ExecAsync(container, "touch", "/volume/below/new");
        Assert.Equal((recursive, recursive), (code != 0, error.Contains("Read-only file system", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, MountPropagation.PropagationHostToContainer)]
    [InlineData(true, MountPropagation.PropagationBidirectional)]
    [InlineData(false, MountPropagation.PropagationPrivate)]
    public async Task Mount_RecursiveReadOnlyThatCannotHold_IsRefusedAtCreation(bool readOnly, MountPropagation propagation)
    {
        await using CriPod pod = await CriPod.RunAsync(_agent);
        ContainerConfig config = CriPod.Idle();
        config.Mounts.Add(new Mount { HostPath = _volume, ContainerPath = "/volume", Readonly = readOnly, RecursiveReadOnly = true, Propagation = propagation });

        Assert.Contains("recursive_read_only", (await pod.RefusedAsync(config)).Status.Detail, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (string below in new[] { "below", "inner" })
        {
            _ = Mounts.TryUnmount(Path.Combine(_volume, below), detach: true);
        }

        Mounts.Unmount(_volume, detach: true);
        Directory.Delete(_volume, recursive: true);
    }
}
