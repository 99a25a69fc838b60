using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Verbose;

namespace PodAgent.Cri.Sandboxes;

/// <summary>PodSandboxStatus, with the containers' statuses, so that one call is enough to see a pod.</summary>
internal sealed class GetPodSandboxStatus(CriContext runtime)
{
    public PodSandboxStatusResponse Invoke(PodSandboxStatusRequest request)
    {
        SandboxRecord record = runtime.Sandboxes.Get(request.PodSandboxId).Record;
        var response = new PodSandboxStatusResponse
        {
            Status = SandboxView.ToStatus(record),
            Timestamp = runtime.Time.Nanoseconds(),
        };
        response.ContainersStatuses.Add(ContainerView.ToStatuses(runtime.Containers.Of(record.Id)));
        if (request.Verbose)
        {
            response.Info.Add("info", SandboxDetails.Write(record, runtime.Options.SandboxDirectory(record.Id)));
        }

        return response;
    }
}
