using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Containers;

/// <summary>ListContainers and StreamContainers.</summary>
internal sealed class ListContainers(CriContext runtime)
{
    public ListContainersResponse Invoke(ListContainersRequest request) =>
        new() { Containers = { Select(request.Filter).Select(ContainerView.ToListItem) } };

    public async Task StreamAsync(ContainerFilter? filter, Func<StreamContainersResponse, Task> write)
    {
        foreach (ContainerRecord[] part in Select(filter).Chunk(Paging.ItemsPerMessage))
        {
            await write(new StreamContainersResponse { Containers = { part.Select(ContainerView.ToListItem) } }).ConfigureAwait(false);
        }
    }

    private IEnumerable<ContainerRecord> Select(ContainerFilter? filter) =>
        Filters.Select(runtime.Containers, runtime.Sandboxes, filter).OrderByDescending(record => record.CreatedAt);
}
