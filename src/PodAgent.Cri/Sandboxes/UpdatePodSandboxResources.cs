using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Sandboxes;

/// <summary>
/// UpdatePodSandboxResources: what the pod as a whole may use. A client that owns the pod's control group has changed it already and only
/// tells; a group of the runtime's own is changed here, before the record, so that no record shows what is not in force.
/// </summary>
internal sealed class UpdatePodSandboxResources(CriContext runtime)
{
    public async Task<UpdatePodSandboxResourcesResponse> InvokeAsync(
        UpdatePodSandboxResourcesRequest request, CancellationToken cancellationToken)
    {
        SandboxEntry entry = runtime.Sandboxes.Get(request.PodSandboxId);
        await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SandboxRecord record = entry.Record;
            if (record.State != PodSandboxState.SandboxReady)
            {
                throw new AgentException(
                    ErrorKind.FailedPrecondition,
                    $"cannot change the resources of sandbox {RuntimeId.Short(record.Id)} of pod \"{record.PodName}\": it is not ready");
            }

            LinuxContainerResources? resources = Overlay(record.EffectiveResources, request.Resources);
            LinuxContainerResources? overhead = Overlay(record.EffectiveOverhead, request.Overhead);
            if (record.OwnsCgroupParent)
            {
                runtime.Ports.Cgroups.Open(record.CgroupParent).Update(ResourceTranslation.ToCgroup(ResourceTranslation.Sum(resources, overhead)));
            }

            entry.Update(now => now with { Resources = resources, Overhead = overhead });
        }
        finally
        {
            entry.Lifecycle.Release();
        }

        return new UpdatePodSandboxResourcesResponse();
    }

    private static LinuxContainerResources? Overlay(LinuxContainerResources? before, LinuxContainerResources? update) =>
        update is null ? before : ResourceTranslation.Overlay(before, update);
}
