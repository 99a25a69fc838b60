using System.Globalization;
using System.Net;
using PodAgent.Api.Manifests;
using PodAgent.Api.V1;
using PodAgent.Cli.Commands;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Probing;
using PodAgent.Linux.Systemd;

namespace PodAgent.Cli.Doctor;

/// <summary>The agent, its configuration, its programs and its addresses.</summary>
internal sealed class AgentProbes(AgentFacts agent)
{
    private const string Area = "Agent";

    public static IReadOnlyList<Probe> Of(AgentFacts facts) => new AgentProbes(facts).All;

    private AgentConfiguration Configuration => agent.Configuration;

    private IReadOnlyList<Probe> All =>
    [
        new Probe(Area, "running", ProbeNeed.Useful, ProbeRunning)
        {
            Privileged = false,
            Cost = "no pod is started, probed or restarted; those that run go on",
            Remedy = "systemctl enable --now podagent, or without systemd: podagent &",
        },
        new Probe(Area, "version", ProbeNeed.Useful, ProbeVersion)
        {
            Privileged = false,
            Cost = "podctl may lack, or have, what the agent does not know",
            Remedy = "restart the agent after an upgrade; pods go on meanwhile",
        },
        new Probe(Area, "configuration", ProbeNeed.Required, ProbeConfiguration)
        {
            Privileged = false,
            Cost = "the agent does not start",
            Remedy = "correct the file; docs/operations.md lists the fields",
        },
        new Probe(Area, "manifests", ProbeNeed.Useful, ProbeManifests)
        {
            Privileged = false,
            Cost = "pods of these files are not started, or not changed",
            Remedy = "correct the files",
        },
        new Probe(Area, "pod-sandbox", ProbeNeed.Required, ProbeSandbox)
        {
            Privileged = false,
            Cost = "no pod can be started",
            Remedy = "install it beside podagent, or name it with --sandbox-binary",
        },
        new Probe(Area, "cgroup driver", ProbeNeed.Required, ProbeCgroupDriver)
        {
            Privileged = false,
            Cost = "the agent does not start",
            Remedy = "cgroupDriver: cgroupfs in the configuration, or none",
        },
        new Probe(Area, "busybox", ProbeNeed.Useful, ProbeBusybox)
        {
            Privileged = false,
            Cost = "there is no image podagent.local/busybox",
            Remedy = "apt-get install busybox-static",
        },
        new Probe(Area, "bridge", ProbeNeed.Required, ProbeBridge)
        {
            Privileged = false,
            Cost = "pods get no network",
            Remedy = "give the agent another name with --bridge",
        },
        new Probe(Area, "addresses", ProbeNeed.Required, ProbeSubnet)
        {
            Privileged = false,
            Cost = "one of the two networks cannot be reached",
            Remedy = "give the agent another network with --subnet",
        },
    ];

    private string ProbeRunning() => agent.Silence is null
        ? string.Create(CultureInfo.InvariantCulture, $"process {agent.Pid} on {agent.Socket}")
        : throw new AgentException(ErrorKind.Unavailable, agent.Silence);

    private string ProbeVersion() => agent.Silence is not null
        ? throw new ProbeSkippedException("no agent answers")
        : agent.Version == VersionCommand.Client
            ? agent.Version
            : throw new AgentException(ErrorKind.FailedPrecondition, $"the agent is {agent.Version}, podctl {VersionCommand.Client}");

    private string ProbeConfiguration() => agent.Mistakes.Count == 0
        ? agent.ConfigurationFile ?? "defaults and flags, no file"
        : throw new AgentException(ErrorKind.InvalidArgument, string.Join('\n', agent.Mistakes));

    private string ProbeManifests()
    {
        string directory = Configuration.Manifests;
        if (!Directory.Exists(directory))
        {
            return $"{directory} does not exist yet; it is watched for";
        }

        string[] files = [.. ManifestFiles.In(directory)];
        string[] problems = [.. files.SelectMany(Problems)];
        return problems.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{files.Length} in {directory}")
            : throw new AgentException(ErrorKind.InvalidArgument, string.Join('\n', problems));
    }

    private static IEnumerable<string> Problems(string file) =>
        new ManifestReader().Read(File.ReadAllBytes(file), file).Problems.Select(problem => problem.ToString());

    private string ProbeSandbox()
    {
        string path = Configuration.HasSandboxBinary
            ? Configuration.SandboxBinary
            : InstalledPrograms.Find("pod-sandbox") ?? Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "pod-sandbox");
        return FileTree.CanExecute(path) ? path : throw new AgentException(ErrorKind.NotFound, $"there is no program {path}");
    }

    private string ProbeCgroupDriver()
    {
        string usual = SystemdPresence.ArrangesCgroups ? CgroupDrivers.Systemd : CgroupDrivers.Cgroupfs;
        string driver = Configuration.HasCgroupDriver ? Configuration.CgroupDriver : usual;
        return driver switch
        {
            CgroupDrivers.Systemd when usual != driver => throw new AgentException(
                ErrorKind.FailedPrecondition, "systemd, but it is not process 1 here, or cgroup v2 is not mounted alone"),
            CgroupDrivers.Cgroupfs when usual != driver => "cgroupfs, beside systemd, which arranges the cgroups of this machine: a kubelet that uses this agent must be set to it, too",
            CgroupDrivers.Systemd or CgroupDrivers.Cgroupfs => driver,
            _ => throw new AgentException(ErrorKind.InvalidArgument, $"\"{driver}\" is neither cgroupfs nor systemd"),
        };
    }

    private string ProbeBusybox() => FileTree.CanExecute(Configuration.Busybox)
        ? Configuration.Busybox
        : throw new AgentException(ErrorKind.NotFound, $"there is no {Configuration.Busybox}");

    private string ProbeBridge()
    {
        using var routes = new RouteSocket();
        return routes.FindLink(Configuration.Network.Bridge) switch
        {
            null => $"{Configuration.Network.Bridge}, made with the first pod",
            { Kind: "bridge" } link => link.Name,
            { } other => throw new AgentException(ErrorKind.AlreadyExists, $"there is an interface {other.Name} that is no bridge"),
        };
    }

    private string ProbeSubnet()
    {
        if (!IPNetwork.TryParse(Configuration.Network.Subnet, out IPNetwork subnet))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"\"{Configuration.Network.Subnet}\" is not a network");
        }

        string[] conflicts =
        [
            .. RouteTable.Read(ControlFiles.Read("/proc/net/route"))
                .Where(route => route.Interface != Configuration.Network.Bridge && route.Network.PrefixLength > 0 && Overlap(route.Network, subnet))
                .Select(route => $"{route.Network} on {route.Interface}"),
        ];
        return conflicts.Length == 0
            ? subnet.ToString()
            : throw new AgentException(ErrorKind.FailedPrecondition, $"{subnet} overlaps {string.Join(", ", conflicts)}");
    }

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
