using Grpc.Core;
using PodAgent.Api.V1;

namespace PodAgent.Cli.Tests.Support;

internal sealed class FakeAgentService(string directory) : AgentService.AgentServiceBase
{
    public override Task<GetConfigurationResponse> GetConfiguration(GetConfigurationRequest request, ServerCallContext context)
    {
        var configuration = new AgentConfiguration
        {
            Root = Path.Combine(directory, "root"),
            State = Path.Combine(directory, "state"),
            Manifests = Path.Combine(directory, "manifests"),
            PodLogs = Path.Combine(directory, "logs"),
            Network = new NetworkConfiguration { Subnet = "198.51.100.0/24", Bridge = "fake0" },
        };
        AgentDefaults.Complete(configuration);
        return Task.FromResult(new GetConfigurationResponse { Configuration = configuration, Version = "1.2.3", Pid = Environment.ProcessId });
    }
}
