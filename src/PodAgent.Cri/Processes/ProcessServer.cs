using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cri.Processes;

/// <summary>podagent.v1.ProcessService: what runs in pods.</summary>
public sealed class ProcessServer : ProcessService.ProcessServiceBase
{
    private readonly ListProcesses _list;

    internal ProcessServer(CriContext runtime) => _list = new ListProcesses(runtime);

    /// <inheritdoc/>
    public override Task<ListProcessesResponse> ListProcesses(ListProcessesRequest request, ServerCallContext context) =>
        Task.FromResult(_list.Invoke(request));
}
