using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Tests.Support;

internal sealed class FakeNode : NodeService.NodeServiceBase
{
    public override Task<GetVersionResponse> GetVersion(GetVersionRequest request, ServerCallContext context) =>
        Task.FromResult(new GetVersionResponse
        {
            Version = "1.2.3",
            NodeName = "node-1",
            RuntimeName = "podagent",
            RuntimeVersion = "1.2.3",
            KernelVersion = "6.1.0",
            CgroupVersion = 2,
        });
}
