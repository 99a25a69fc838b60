using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri.Sandboxes;

/// <summary>A sandbox's record in CRI's messages.</summary>
internal static class SandboxView
{
    public static PodSandbox ToListItem(SandboxRecord record) => new()
    {
        Id = record.Id,
        Metadata = record.Config.Metadata,
        State = record.State,
        CreatedAt = record.CreatedAt,
        Labels = { record.Config.Labels },
        Annotations = { record.Config.Annotations },
        RuntimeHandler = record.RuntimeHandler,
    };

    public static PodSandboxStatus ToStatus(SandboxRecord record)
    {
        NamespaceOption asked = record.Namespaces;
        var status = new PodSandboxStatus
        {
            Id = record.Id,
            Metadata = record.Config.Metadata,
            State = record.State,
            CreatedAt = record.CreatedAt,
            Network = new PodSandboxNetworkStatus(),
            Linux = new LinuxPodSandboxStatus
            {
                Namespaces = new Namespace
                {
                    Options = new NamespaceOption
                    {
                        Network = asked.Network,
                        Pid = asked.Pid,
                        Ipc = asked.Ipc,
                        UsernsOptions = asked.UsernsOptions,
                    },
                },
            },
            Labels = { record.Config.Labels },
            Annotations = { record.Config.Annotations },
            RuntimeHandler = record.RuntimeHandler,
        };
        if (record.Addresses.Count > 0)
        {
            status.Network.Ip = record.Addresses[0];
            status.Network.AdditionalIps.Add(record.Addresses.Skip(1).Select(ip => new PodIP { Ip = ip }));
        }

        return status;
    }

    public static PodSandboxAttributes ToAttributes(SandboxRecord record) => new()
    {
        Id = record.Id,
        Metadata = record.Config.Metadata,
        Labels = { record.Config.Labels },
        Annotations = { record.Config.Annotations },
    };
}
