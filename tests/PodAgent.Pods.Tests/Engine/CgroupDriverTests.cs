using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Engine;

/// <summary>The engine names pods' cgroups as the runtime wants them.</summary>
public sealed class CgroupDriverTests
{
    private const string Guaranteed = "resources: {limits: {cpu: 1, memory: 1Mi}}";
    private const string Burstable = "resources: {requests: {cpu: 1}}";

    public static TheoryData<Cri.RuntimeConfigResponse?, string, string> Drivers => new()
    {
        { new() { Linux = new() { CgroupDriver = Cri.CgroupDriver.Cgroupfs } }, Guaranteed, "/podagent/podUID" },
        { new() { Linux = new() { CgroupDriver = Cri.CgroupDriver.Cgroupfs } }, Burstable, "/podagent/burstable/podUID" },
        { new() { Linux = new() { CgroupDriver = Cri.CgroupDriver.Systemd } }, Guaranteed, "/podagent.slice/podagent-podUID.slice" },
        { new() { Linux = new() { CgroupDriver = Cri.CgroupDriver.Systemd } }, Burstable, "/podagent.slice/podagent-burstable.slice/podagent-burstable-podUID.slice" },
        { new() { Linux = new() { CgroupDriver = Cri.CgroupDriver.Systemd } }, "", "/podagent.slice/podagent-besteffort.slice/podagent-besteffort-podUID.slice" },

        // Without the message around it, the 0 of SYSTEMD means nothing.
        { new(), "", "/podagent/besteffort/podUID" },
        { null, "", "/podagent/besteffort/podUID" },
    };

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Apply_RuntimesDriver_DecidesTheParent(Cri.RuntimeConfigResponse? answer, string container, string parent)
    {
        await using Node node = await Node.StartAsync(n => n.Runtime.Config = answer);

        await node.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              containers:
              - name: c
                image: app:1
                {{container}}
            """);
        Core.Pod pod = await node.WaitForPhaseAsync("p", "Running");

        bool slices = answer?.Linux?.CgroupDriver == Cri.CgroupDriver.Systemd;
        string uid = slices ? pod.Metadata.Uid.Replace('-', '_') : pod.Metadata.Uid;
        Assert.Equal(parent.Replace("UID", uid, StringComparison.Ordinal), Assert.Single(node.Runtime.Sandboxes).Config.Linux.CgroupParent);
    }
}
