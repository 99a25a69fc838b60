using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Sandboxes;

/// <summary>ListPodSandbox and StreamPodSandboxes.</summary>
internal sealed class ListPodSandbox(CriContext runtime)
{
    public ListPodSandboxResponse Invoke(ListPodSandboxRequest request) =>
        new() { Items = { Select(request.Filter).Select(SandboxView.ToListItem) } };

    public async Task StreamAsync(PodSandboxFilter? filter, Func<StreamPodSandboxesResponse, Task> write)
    {
        foreach (SandboxRecord[] part in Select(filter).Chunk(Paging.ItemsPerMessage))
        {
            await write(new StreamPodSandboxesResponse { PodSandboxes = { part.Select(SandboxView.ToListItem) } }).ConfigureAwait(false);
        }
    }

    private IEnumerable<SandboxRecord> Select(PodSandboxFilter? filter) =>
        Filters.Select(runtime.Sandboxes, filter).OrderByDescending(record => record.CreatedAt);
}
