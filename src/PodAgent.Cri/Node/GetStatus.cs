using System.Text.Json;
using PodAgent.Api.Cri;

namespace PodAgent.Cri.Node;

/// <summary>Status: whether pods can be run now, and which optional features they may use.</summary>
internal sealed class GetStatus(CriContext runtime)
{
    public StatusResponse Invoke(StatusRequest request)
    {
        string? networkProblem = runtime.Ports.Network.Problem;
        var response = new StatusResponse
        {
            Status = new RuntimeStatus
            {
                Conditions =
                {
                    new RuntimeCondition { Type = "RuntimeReady", Status = true },
                    networkProblem is null
                        ? new RuntimeCondition { Type = "NetworkReady", Status = true }
                        : new RuntimeCondition { Type = "NetworkReady", Status = false, Reason = "NetworkNotReady", Message = networkProblem },
                },
            },
            RuntimeHandlers =
            {
                new[] { "" }.Concat(runtime.Options.RuntimeHandlers).Select(name => new RuntimeHandler
                {
                    Name = name,
                    Features = new RuntimeHandlerFeatures
                    {
                        RecursiveReadOnlyMounts = true,
                        UserNamespaces = runtime.Ports.Security.UserNamespaces,
                    },
                }),
            },
            Features = new RuntimeFeatures
            {
                SupplementalGroupsPolicy = true,
                UserNamespacesHostNetwork = runtime.Ports.Security.UserNamespaces,
                MountOptions = true,
            },
        };
        if (request.Verbose)
        {
            response.Info.Add("config", Configuration());
        }

        return response;
    }

    private string Configuration()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("stateDir", runtime.Options.StateDirectory);
            json.WriteString("rootDir", runtime.Options.RootDirectory);
            json.WriteString("cgroupParent", runtime.Options.CgroupParent);
            json.WriteNumber("cgroupVersion", runtime.Ports.Cgroups.Version);
            json.WriteString("cgroupDriver", runtime.Options.CgroupDriver == CgroupDriver.Systemd ? "systemd" : "cgroupfs");
            json.WriteString("podSubnet", runtime.Options.PodSubnet);
            json.WriteString("sandboxBinary", runtime.Options.SandboxBinary);
            json.WriteStartArray("runtimeHandlers");
            foreach (string name in runtime.Options.RuntimeHandlers)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
