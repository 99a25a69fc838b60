using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Cri.Verbose;

namespace PodAgent.Cri.Containers;

/// <summary>ContainerStatus.</summary>
internal sealed class GetContainerStatus(CriContext runtime)
{
    public ContainerStatusResponse Invoke(ContainerStatusRequest request)
    {
        ContainerRecord record = runtime.Containers.Get(request.ContainerId).Record;
        var response = new ContainerStatusResponse { Status = ContainerView.ToStatus(record) };
        if (request.Verbose)
        {
            response.Info.Add("info", ContainerDetails.Write(record, runtime.Sandboxes.Get(record.SandboxId).Record));
        }

        return response;
    }
}
