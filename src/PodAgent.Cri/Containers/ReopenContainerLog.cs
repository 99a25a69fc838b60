using PodAgent.Api.Cri;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Containers;

/// <summary>ReopenContainerLog: the client has renamed the file; when this returns a new one of the old name is there.</summary>
internal sealed class ReopenContainerLog(CriContext runtime)
{
    public async Task<ReopenContainerLogResponse> InvokeAsync(ReopenContainerLogRequest request, CancellationToken cancellationToken)
    {
        ContainerRecord record = runtime.Containers.Get(request.ContainerId).Record;
        SandboxSupervision supervision = Supervised.Require(runtime, record, ContainerVerb.ReopenLog);
        await supervision.Supervisor.ReopenLogAsync(record.Id, cancellationToken).ConfigureAwait(false);
        return new ReopenContainerLogResponse();
    }
}
