using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;
using PodAgent.Linux.Systemd;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>What a client asks before anything else.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class RuntimeInformationTests(AgentFixture agent)
{
    [Fact]
    public async Task Version_NamesEverything()
    {
        VersionResponse version = await agent.Runtime.VersionAsync(new VersionRequest { Version = "0.1.0" });

        Assert.Equal("podagent", version.RuntimeName);
        Assert.NotEqual("", version.Version);
        Assert.NotEqual("", version.RuntimeVersion);
        Assert.Equal("v1", version.RuntimeApiVersion);
    }

    [Fact]
    public async Task Status_RuntimeAndNetworkAreReady()
    {
        StatusResponse status = await agent.Runtime.StatusAsync(new StatusRequest());

        Assert.Equal([("NetworkReady", true), ("RuntimeReady", true)], status.Status.Conditions.Select(condition => (condition.Type, condition.Status)).Order());
        Assert.Empty(status.Info);
        Assert.Contains(status.RuntimeHandlers, handler => handler.Name == "" && handler.Features.RecursiveReadOnlyMounts);
        Assert.True(status.Features.SupplementalGroupsPolicy);
    }

    // The number of SYSTEMD is 0, so an answer without the field would mean it.
    [Fact]
    public async Task RuntimeConfig_NamesTheCgroupDriver() =>
        Assert.Equal(SystemdPresence.ArrangesCgroups ? CgroupDriver.Systemd : CgroupDriver.Cgroupfs, (await agent.Runtime.RuntimeConfigAsync(new RuntimeConfigRequest())).Linux.CgroupDriver);

    [Fact]
    public async Task ImageFsInfo_NamesTheFilesystem()
    {
        FilesystemUsage usage = Assert.Single((await agent.ImageStore.ImageFsInfoAsync(new ImageFsInfoRequest())).ImageFilesystems);

        Assert.NotEqual(0, usage.Timestamp);
        Assert.True(Directory.Exists(usage.FsId.Mountpoint), usage.FsId.Mountpoint);
        Assert.NotEqual(0UL, usage.UsedBytes.Value);
    }
}
