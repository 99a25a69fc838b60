using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cri.Node;

/// <summary>podagent.v1.NodeService: what this agent is.</summary>
public sealed class NodeServer : NodeService.NodeServiceBase
{
    private readonly CriContext _runtime;
    private readonly long _startedAt;

    internal NodeServer(CriContext runtime)
    {
        _runtime = runtime;
        _startedAt = runtime.Time.Nanoseconds();
    }

    /// <inheritdoc/>
    public override Task<GetVersionResponse> GetVersion(GetVersionRequest request, ServerCallContext context) =>
        Task.FromResult(new GetVersionResponse
        {
            Version = _runtime.Options.Version,
            NodeName = _runtime.Options.NodeName,
            RuntimeName = RuntimeInformation.Name,
            RuntimeVersion = _runtime.Options.Version,
            KernelVersion = RuntimeInformation.KernelRelease(),
            CgroupVersion = _runtime.Ports.Cgroups.Version,
            StartedAt = _startedAt,
            Pid = Environment.ProcessId,
        });
}
