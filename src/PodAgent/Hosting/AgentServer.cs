using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Api.V1;
using PodAgent.Configuration;

namespace PodAgent.Hosting;

/// <summary>podagent.v1.AgentService: how this agent was started.</summary>
internal sealed class AgentServer(AgentOptions options) : AgentService.AgentServiceBase
{
    /// <inheritdoc/>
    public override Task<GetConfigurationResponse> GetConfiguration(GetConfigurationRequest request, ServerCallContext context)
    {
        var configuration = new AgentConfiguration
        {
            Root = options.Root,
            State = options.State,
            Socket = options.Socket,
            Manifests = options.Manifests,
            PodLogs = options.PodLogs,
            NodeName = options.NodeName,
            SandboxBinary = options.SandboxBinary,
            CgroupParent = options.CgroupParent,
            CgroupDriver = options.CgroupDriver,
            LogLevel = Name(options.LogLevel),
            Busybox = options.Busybox,
            Network = new NetworkConfiguration { Bridge = options.Bridge, Subnet = options.Subnet, NftablesTable = options.NftablesTable },
        };
        if (options.RuntimeEndpoint is { } endpoint)
        {
            configuration.RuntimeEndpoint = endpoint;
        }

        configuration.RuntimeHandlers.Add(options.RuntimeHandlers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (options.Mtu > 0)
        {
            configuration.Network.Mtu = options.Mtu;
        }

        return Task.FromResult(new GetConfigurationResponse
        {
            Configuration = configuration,
            ConfigurationFile = options.ConfigurationFile ?? "",
            Pid = Environment.ProcessId,
            Version = AgentVersion.Current,
        });
    }

    private static string Name(LogLevel level) => level == LogLevel.Information ? "info" : level.ToString().ToLowerInvariant();
}
