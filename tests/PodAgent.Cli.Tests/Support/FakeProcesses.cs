using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Tests.Support;

internal sealed class FakeProcesses : ProcessService.ProcessServiceBase
{
    public override Task<ListProcessesResponse> ListProcesses(ListProcessesRequest request, ServerCallContext context)
    {
        var main = new ContainerProcess
        {
            ContainerId = "c1aaaaaaaaaaaaaaaaaa",
            Pid = 4242,
            PidInContainer = 1,
            User = "nobody",
            State = "S",
            CpuNanoseconds = 63_000_000_000,
            RssBytes = 3 << 20,
            Name = "httpd",
            Command = { "httpd", "-f", "two\nlines" },
        };
        var response = new ListProcessesResponse();
        if (request.PodSandboxId.Length > 0)
        {
            response.Processes.Add(new ContainerProcess { Pid = 4241, PidInContainer = 4241, User = "root", State = "S", Name = "pause" });
        }

        response.Processes.Add(main);
        return Task.FromResult(response);
    }
}
