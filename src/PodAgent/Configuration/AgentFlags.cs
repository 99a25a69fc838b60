using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using PodAgent.Api.V1;
using PodAgent.Linux;

namespace PodAgent.Configuration;

/// <summary>The flags, and how they and the configuration file become options: a flag wins over the file, the file over the default.</summary>
internal sealed class AgentFlags
{
    private const string DefaultFile = "/etc/podagent/podagent.yaml";

    private readonly Option<string?> _config = new("--config") { Description = $"configuration file (default {DefaultFile}, if it exists)" };
    private readonly Option<string?> _root = new("--root") { Description = "directory of images, volumes and accepted pods (default /var/lib/podagent)" };
    private readonly Option<string?> _state = new("--state") { Description = "directory of everything that a reboot ends (default /run/podagent)" };
    private readonly Option<string?> _socket = new("--socket") { Description = "socket to serve (default podagent.sock in the state directory)" };
    private readonly Option<string?> _manifests = new("--manifests") { Description = "directory of pod manifests (default /etc/podagent/manifests)" };
    private readonly Option<string?> _podLogs = new("--pod-logs") { Description = "directory of container logs (default /var/log/pods)" };
    private readonly Option<string?> _nodeName = new("--node-name") { Description = "name of this node (default: the host's name)" };
    private readonly Option<string?> _sandboxBinary = new("--sandbox-binary") { Description = "the pod-sandbox program (default: beside podagent)" };
    private readonly Option<string?> _cgroupParent = new("--cgroup-parent") { Description = "cgroup below which all pods live (default podagent)" };
    private readonly Option<string?> _runtimeEndpoint = new("--runtime-endpoint") { Description = "another CRI runtime to drive, as in unix:///run/containerd/containerd.sock" };
    private readonly Option<string?> _logLevel = new("--log-level") { Description = "trace, debug, info, warning or error (default info)" };
    private readonly Option<string?> _bridge = new("--bridge") { Description = "name of the pods' bridge (default podagent0)" };
    private readonly Option<string?> _subnet = new("--subnet") { Description = "addresses of pods (default 10.88.0.0/16)" };
    private readonly Option<string?> _nftablesTable = new("--nftables-table") { Description = "nftables table to own (default podagent)" };
    private readonly Option<int?> _mtu = new("--mtu") { Description = "bytes per packet on the bridge (default: that of the interface with the default route)" };
    private readonly Option<string?> _busybox = new("--busybox") { Description = "binary behind podagent.local/busybox (default /bin/busybox)" };
    private readonly Option<string[]> _registryConfig = new("--registry-config") { Description = "directory of registry settings in containerd's certs.d layout; may be given several times" };
    private readonly Option<string[]> _authFile = new("--auth-file") { Description = "credential file of docker or podman; may be given several times" };

    private readonly Option<string?> _runtimeHandlers = new("--runtime-handlers") { Description = "names of runtime handlers that CRI clients may ask for, separated by commas (default: none)" };

    public IEnumerable<Option> All =>
    [
        _config, _root, _state, _socket, _manifests, _podLogs, _nodeName, _sandboxBinary, _cgroupParent, _runtimeEndpoint, _logLevel, _bridge,
        _subnet, _nftablesTable, _mtu, _busybox, _runtimeHandlers, _registryConfig, _authFile,
    ];

    /// <summary>Merges and checks.</summary>
    /// <exception cref="AgentException">Every mistake, one per line.</exception>
    public AgentOptions Read(ParseResult arguments)
    {
        AgentConfiguration file = ReadFile(arguments.GetValue(_config));
        NetworkConfiguration network = file.Network ?? new NetworkConfiguration();
        ImagesConfiguration images = file.Images ?? new ImagesConfiguration();
        string Choose(Option<string?> flag, bool inFile, string fromFile, string otherwise) =>
            arguments.GetValue(flag) ?? (inFile ? fromFile : otherwise);
        string Directory(Option<string?> flag, bool inFile, string fromFile, string otherwise) =>
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(Choose(flag, inFile, fromFile, otherwise)));

        IReadOnlyList<string> Several(Option<string[]> flag, IReadOnlyList<string> fromFile, IReadOnlyList<string> otherwise) =>
            arguments.GetValue(flag) is { Length: > 0 } given ? given : fromFile.Count > 0 ? fromFile : otherwise;

        string state = Directory(_state, file.HasState, file.State, "/run/podagent");
        string beside = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "pod-sandbox");
        string level = Choose(_logLevel, file.HasLogLevel, file.LogLevel, "info");
        string endpoint = Choose(_runtimeEndpoint, file.HasRuntimeEndpoint, file.RuntimeEndpoint, "");
        var options = new AgentOptions
        {
            State = state,
            Root = Directory(_root, file.HasRoot, file.Root, "/var/lib/podagent"),
            Socket = Directory(_socket, file.HasSocket, file.Socket, Path.Combine(state, "podagent.sock")),
            Manifests = Directory(_manifests, file.HasManifests, file.Manifests, "/etc/podagent/manifests"),
            PodLogs = Directory(_podLogs, file.HasPodLogs, file.PodLogs, "/var/log/pods"),
            NodeName = Choose(_nodeName, file.HasNodeName, file.NodeName, Environment.MachineName.ToLowerInvariant()),
            SandboxBinary = Directory(_sandboxBinary, file.HasSandboxBinary, file.SandboxBinary, beside),
            CgroupParent = Choose(_cgroupParent, file.HasCgroupParent, file.CgroupParent, "podagent").Trim('/'),
            RuntimeEndpoint = endpoint.Length > 0 ? endpoint : null,
            LogLevel = s_levels.GetValueOrDefault(level, LogLevel.None),
            Bridge = Choose(_bridge, network.HasBridge, network.Bridge, "podagent0"),
            Subnet = Choose(_subnet, network.HasSubnet, network.Subnet, "10.88.0.0/16"),
            NftablesTable = Choose(_nftablesTable, network.HasNftablesTable, network.NftablesTable, "podagent"),
            Mtu = arguments.GetValue(_mtu) ?? (network.HasMtu ? network.Mtu : 0),
            RuntimeHandlers = arguments.GetValue(_runtimeHandlers) ?? string.Join(',', file.RuntimeHandlers),
            Busybox = Choose(_busybox, file.HasBusybox, file.Busybox, "/bin/busybox"),
            Images = new ImageOptions
            {
                RegistryConfig = Several(_registryConfig, images.RegistryConfig, s_registryConfig),
                AuthFiles = Several(_authFile, images.AuthFiles, DefaultAuthFiles()),
                Pinned = images.Pinned,
                HighThreshold = images.HasGcHighThreshold ? images.GcHighThreshold : 85,
                LowThreshold = images.HasGcLowThreshold ? images.GcLowThreshold : 80,
                MinimumAge = TimeSpan.FromSeconds(images.HasGcMinimumAge ? images.GcMinimumAge : 120),
                LayersPerPull = images.HasLayersPerPull ? images.LayersPerPull : 3,
            },
        };

        string[] problems = [.. Problems(options, level)];
        return problems.Length == 0 ? options : throw new AgentException(ErrorKind.InvalidArgument, string.Join("\nerror: ", problems));
    }

    private static readonly string[] s_registryConfig = ["/etc/podagent/certs.d", "/etc/containerd/certs.d", "/etc/docker/certs.d"];

    // Where docker and podman keep what `login` was told, for whoever the agent runs as.
    private static IReadOnlyList<string> DefaultAuthFiles()
    {
        var files = new List<string> { "/etc/podagent/auth.json" };
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
        {
            files.Add(Path.Combine(runtime, "containers", "auth.json"));
        }

        if (Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home)
        {
            files.Add(Path.Combine(home, ".config", "containers", "auth.json"));
            files.Add(Path.Combine(home, ".docker", "config.json"));
        }

        return files;
    }

    private static readonly Dictionary<string, LogLevel> s_levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
    };

    private static IEnumerable<string> Problems(AgentOptions options, string level)
    {
        if (!s_levels.ContainsKey(level))
        {
            yield return $"log level \"{level}\" is none of trace, debug, info, warning, error";
        }

        // IFNAMSIZ is 16 with the terminating zero.
        if (options.Bridge.Length is 0 or > 15 || options.Bridge.Any(c => c is '/' or ' '))
        {
            yield return $"bridge name \"{options.Bridge}\" must have 1 to 15 characters, no slash and no space";
        }

        if (!IsNetwork(options.Subnet))
        {
            yield return $"subnet \"{options.Subnet}\" is not an IPv4 network of at most 30 bits such as 10.88.0.0/16";
        }

        if (options.Mtu is not 0 and (< 68 or > 65535))
        {
            yield return $"mtu {options.Mtu} is not between 68 and 65535";
        }

        if (options.CgroupParent.Length == 0 || options.CgroupParent.Split('/').Any(part => part is "" or "." or ".."))
        {
            yield return $"cgroup parent \"{options.CgroupParent}\" is not a relative path without dots";
        }

        if (options.RuntimeEndpoint is { } endpoint && !endpoint.StartsWith("unix://", StringComparison.Ordinal))
        {
            yield return $"runtime endpoint \"{endpoint}\" must begin with unix://";
        }

        if (options.Images is not { LowThreshold: >= 0, HighThreshold: <= 100 } images || images.LowThreshold >= images.HighThreshold)
        {
            yield return $"images: gcLowThreshold {options.Images.LowThreshold} and gcHighThreshold {options.Images.HighThreshold} must be percentages, the first one lower";
        }

        if (options.Images.MinimumAge < TimeSpan.Zero)
        {
            yield return $"images: gcMinimumAge {options.Images.MinimumAge.TotalSeconds} is negative";
        }

        if (options.Images.LayersPerPull is < 1 or > 32)
        {
            yield return $"images: layersPerPull {options.Images.LayersPerPull} is not between 1 and 32";
        }

        foreach (string handler in options.RuntimeHandlers.Split(',').Where(name => name.Length > 63 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
        {
            yield return $"runtime handler \"{handler}\" is not a name of lower-case letters, digits and \"-\"";
        }

        // sun_path of unix(7) holds 108 bytes with the terminating zero.
        if (System.Text.Encoding.UTF8.GetByteCount(options.Socket) > 107)
        {
            yield return $"socket path \"{options.Socket}\" is longer than 107 bytes";
        }
    }

    /// <summary>IPv4 address and prefix length with no bit of the host set; .NET 9 and 10 differ in whether parsing minds those bits.</summary>
    private static bool IsNetwork(string text) =>
        IPNetwork.TryParse(text, out IPNetwork network)
        && IPAddress.TryParse(text[..text.IndexOf('/', StringComparison.Ordinal)], out IPAddress? address)
        && address.Equals(network.BaseAddress)
        && address.AddressFamily == AddressFamily.InterNetwork
        && network.PrefixLength is >= 1 and <= 30;

    private static AgentConfiguration ReadFile(string? chosen)
    {
        string path = chosen ?? DefaultFile;
        return chosen is not null || File.Exists(path) ? AgentConfigurationFile.Read(path) : new AgentConfiguration();
    }
}
