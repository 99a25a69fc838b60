using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Containers;

/// <summary>UpdateContainerResources: the control group first, then the record, so that the status never shows what is not in force.</summary>
internal sealed class UpdateContainerResources(CriContext runtime)
{
    public async Task<UpdateContainerResourcesResponse> InvokeAsync(
        UpdateContainerResourcesRequest request, CancellationToken cancellationToken)
    {
        ContainerEntry entry = runtime.Containers.Get(request.ContainerId);
        await entry.Lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ContainerGuards.Check(entry.Record, ContainerVerb.UpdateResources);
            if (request.Linux is { } resources)
            {
                Update(runtime.Ports.Cgroups.Open(entry.Record.Cgroup), entry.Record, resources);
                entry.Update(now => now with { Resources = ResourceTranslation.Overlay(now.Resources, resources) });
            }
        }
        finally
        {
            entry.Lifecycle.Release();
        }

        return new UpdateContainerResourcesResponse();
    }

    // The group's files are written one after another: when one is refused, those before it get their former values again.
    private void Update(ICgroup cgroup, ContainerRecord record, LinuxContainerResources resources)
    {
        try
        {
            cgroup.Update(ResourceTranslation.ToCgroup(resources));
        }
        catch (Exception refused)
        {
            try
            {
                cgroup.Update(ResourceTranslation.ToCgroup(record.Resources));
            }
            catch (Exception failure)
            {
                runtime.Log.CleanupFailed($"cannot restore the resources of container {record.Id}", failure.Message);
            }

            throw Failures.Translate($"cannot change the resources of container \"{record.Name}\"", refused);
        }
    }
}
