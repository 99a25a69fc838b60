using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;
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
                runtime.Ports.Cgroups.Open(entry.Record.Cgroup).Update(ResourceTranslation.ToCgroup(resources));
                entry.Update(now => now with { Resources = ResourceTranslation.Overlay(now.Resources, resources) });
            }
        }
        finally
        {
            entry.Lifecycle.Release();
        }

        return new UpdateContainerResourcesResponse();
    }
}
