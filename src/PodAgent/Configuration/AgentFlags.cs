using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Resource;
using PodAgent.Api.V1;
using PodAgent.Cri.Streams;
using PodAgent.Linux;
using PodAgent.Linux.Systemd;

namespace PodAgent.Configuration;

/// <summary>The flags, and how they and the configuration file become options: a flag wins over the file, the file over the default.</summary>
internal sealed class AgentFlags
{
    private readonly Option<string?> _config = new("--config") { Description = $"configuration file (default {AgentDefaults.ConfigurationFile}, if it exists)" };
    private readonly Option<string?> _root = new("--root") { Description = "directory of images, volumes and accepted pods (default /var/lib/podagent)" };
    private readonly Option<string?> _state = new("--state") { Description = "directory of everything that a reboot ends (default /run/podagent)" };
    private readonly Option<string?> _socket = new("--socket") { Description = "socket to serve (default podagent.sock in the state directory)" };
    private readonly Option<string?> _manifests = new("--manifests") { Description = "directory of pod manifests (default /etc/podagent/manifests)" };
    private readonly Option<string?> _podLogs = new("--pod-logs") { Description = "directory of container logs (default /var/log/pods)" };
    private readonly Option<string?> _nodeName = new("--node-name") { Description = "name of this node (default: the host's name)" };
    private readonly Option<string?> _sandboxBinary = new("--sandbox-binary") { Description = "the pod-sandbox program (default: beside podagent)" };
    private readonly Option<string?> _cgroupParent = new("--cgroup-parent") { Description = "cgroup below which all pods live (default podagent)" };
    private readonly Option<string?> _cgroupDriver = new("--cgroup-driver") { Description = "cgroupfs or systemd (default: systemd where it is process 1 and cgroup v2 is mounted alone)" };
    private readonly Option<string?> _runtimeEndpoint = new("--runtime-endpoint") { Description = "another CRI runtime to drive, as in unix:///run/containerd/containerd.sock" };
    private readonly Option<string?> _logLevel = new("--log-level") { Description = "trace, debug, info, warning or error (default info)" };
    private readonly Option<string?> _bridge = new("--bridge") { Description = "name of the pods' bridge (default podagent0)" };
    private readonly Option<string?> _subnet = new("--subnet") { Description = "addresses of pods (default 10.88.0.0/16)" };
    private readonly Option<string?> _nftablesTable = new("--nftables-table") { Description = "nftables table to own (default podagent)" };
    private readonly Option<int?> _mtu = new("--mtu") { Description = "bytes per packet on the bridge (default: that of the interface with the default route)" };
    private readonly Option<string?> _busybox = new("--busybox") { Description = "binary behind podagent.local/busybox (default /bin/busybox)" };
    private readonly Option<string?> _logMaxSize = new("--container-log-max-size") { Description = "size beyond which a container's log file is put aside; negative: never (default 10Mi)" };
    private readonly Option<int?> _logMaxFiles = new("--container-log-max-files") { Description = "files kept of a container's log, at least 2 (default 5)" };
    private readonly Option<string?> _requestTimeout = new("--runtime-request-timeout") { Description = "how long to wait for the runtime's answer (default 2m)" };
    private readonly Option<string?> _streamServerAddress = new("--stream-server-address") { Description = "address of the streaming server (default 127.0.0.1)" };
    private readonly Option<int?> _streamServerPort = new("--stream-server-port") { Description = "its port (default: any free one)" };
    private readonly Option<int?> _streamIdleTimeout = new("--stream-idle-timeout-seconds") { Description = "seconds of silence that end a streaming session, 0 for never (default 14400)" };
    private readonly Option<bool?> _streamServerTls = new("--stream-server-tls") { Description = "serve streams over TLS (default: no)" };
    private readonly Option<string?> _streamServerCertificate = new("--stream-server-certificate-file") { Description = "its certificate, PEM (default: one is made, streaming.crt in the state directory)" };
    private readonly Option<string?> _streamServerKey = new("--stream-server-key-file") { Description = "the certificate's key, PEM" };
    private readonly Option<long?> _userNamespacesBase = new("--user-namespaces-base") { Description = "first of the node's IDs for pods with user namespaces (default 65536)" };
    private readonly Option<int?> _userNamespacesCount = new("--user-namespaces-count") { Description = "how many such pods there can be (default: as many as there are IDs)" };
    private readonly Option<string[]> _registryConfig = new("--registry-config") { Description = "directory of registry settings in containerd's certs.d layout; may be given several times" };
    private readonly Option<string[]> _authFile = new("--auth-file") { Description = "credential file of docker or podman; may be given several times" };
    private readonly Option<string?> _runtimeHandlers = new("--runtime-handlers") { Description = "names of runtime handlers that CRI clients may ask for, separated by commas (default: none)" };

    public IEnumerable<Option> All =>
    [
        _config, _root, _state, _socket, _manifests, _podLogs, _nodeName, _sandboxBinary, _cgroupParent, _cgroupDriver, _runtimeEndpoint, _logLevel, _bridge,
        _subnet, _nftablesTable, _mtu, _busybox, _logMaxSize, _logMaxFiles, _requestTimeout, _runtimeHandlers,
        _streamServerAddress, _streamServerPort, _streamIdleTimeout,
        _streamServerTls, _streamServerCertificate, _streamServerKey, _userNamespacesBase, _userNamespacesCount,
        _registryConfig, _authFile,
    ];

    /// <summary>Merges and checks.</summary>
    /// <exception cref="AgentException">Every mistake, one per line.</exception>
    public AgentOptions Read(ParseResult arguments)
    {
        string? path = FilePath(arguments.GetValue(_config));
        AgentConfiguration file = path is null ? new AgentConfiguration() : AgentConfigurationFile.Read(path);
        NetworkConfiguration network = file.Network ?? new NetworkConfiguration();
        ImagesConfiguration images = file.Images ?? new ImagesConfiguration();
        string Choose(Option<string?> flag, bool inFile, string fromFile, string otherwise) =>
            arguments.GetValue(flag) ?? (inFile ? fromFile : otherwise);
        string Directory(Option<string?> flag, bool inFile, string fromFile, string otherwise) =>
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(Choose(flag, inFile, fromFile, otherwise)));

        IReadOnlyList<string> Several(Option<string[]> flag, IReadOnlyList<string> fromFile, IReadOnlyList<string> otherwise) =>
            arguments.GetValue(flag) is { Length: > 0 } given ? given : fromFile.Count > 0 ? fromFile : otherwise;

        string state = Directory(_state, file.HasState, file.State, AgentDefaults.State);
        string beside = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "pod-sandbox");
        string level = Choose(_logLevel, file.HasLogLevel, file.LogLevel, "info");
        string logMaxSize = Choose(_logMaxSize, file.HasContainerLogMaxSize, file.ContainerLogMaxSize, "10Mi");
        string requestTimeout = Choose(_requestTimeout, file.HasRuntimeRequestTimeout, file.RuntimeRequestTimeout, "2m");
        (StreamTls? tls, string? tlsProblem) = Tls(arguments, file);
        UserNamespacesConfiguration users = file.UserNamespaces ?? new UserNamespacesConfiguration();
        long usersBase = arguments.GetValue(_userNamespacesBase) ?? (users.HasBase ? users.Base : UserNamespaceLength);
        string endpoint = Choose(_runtimeEndpoint, file.HasRuntimeEndpoint, file.RuntimeEndpoint, "");
        var options = new AgentOptions
        {
            ConfigurationFile = path,
            State = state,
            Root = Directory(_root, file.HasRoot, file.Root, AgentDefaults.Root),
            Socket = Directory(_socket, file.HasSocket, file.Socket, Path.Combine(state, AgentDefaults.SocketName)),
            Manifests = Directory(_manifests, file.HasManifests, file.Manifests, AgentDefaults.Manifests),
            PodLogs = Directory(_podLogs, file.HasPodLogs, file.PodLogs, AgentDefaults.PodLogs),
            NodeName = Choose(_nodeName, file.HasNodeName, file.NodeName, Environment.MachineName.ToLowerInvariant()),
            SandboxBinary = Directory(_sandboxBinary, file.HasSandboxBinary, file.SandboxBinary, beside),
            CgroupParent = Choose(_cgroupParent, file.HasCgroupParent, file.CgroupParent, AgentDefaults.CgroupParent).Trim('/'),
            CgroupDriver = Choose(_cgroupDriver, file.HasCgroupDriver, file.CgroupDriver, endpoint.Length > 0 ? CgroupDrivers.Cgroupfs : SystemdPresence.ArrangesCgroups ? CgroupDrivers.Systemd : CgroupDrivers.Cgroupfs),
            RuntimeEndpoint = endpoint.Length > 0 ? endpoint : null,
            LogLevel = s_levels.GetValueOrDefault(level, LogLevel.None),
            Bridge = Choose(_bridge, network.HasBridge, network.Bridge, AgentDefaults.Bridge),
            Subnet = Choose(_subnet, network.HasSubnet, network.Subnet, AgentDefaults.Subnet),
            NftablesTable = Choose(_nftablesTable, network.HasNftablesTable, network.NftablesTable, AgentDefaults.NftablesTable),
            Mtu = arguments.GetValue(_mtu) ?? (network.HasMtu ? network.Mtu : 0),
            RuntimeHandlers = arguments.GetValue(_runtimeHandlers) ?? string.Join(',', file.RuntimeHandlers),
            Busybox = Choose(_busybox, file.HasBusybox, file.Busybox, AgentDefaults.Busybox),
            ContainerLogMaxSize = Quantity.TryParse(logMaxSize, out Quantity? size) ? size.Value() : 0,
            ContainerLogMaxFiles = arguments.GetValue(_logMaxFiles) ?? (file.HasContainerLogMaxFiles ? file.ContainerLogMaxFiles : 5),
            RuntimeRequestTimeout = DurationText.TryParse(requestTimeout, out TimeSpan timeout) ? timeout : TimeSpan.Zero,
            StreamServerAddress = Choose(_streamServerAddress, file.HasStreamServerAddress, file.StreamServerAddress, "127.0.0.1"),
            StreamServerPort = arguments.GetValue(_streamServerPort) ?? (file.HasStreamServerPort ? file.StreamServerPort : 0),
            StreamIdleTimeoutSeconds = arguments.GetValue(_streamIdleTimeout) ?? (file.HasStreamIdleTimeoutSeconds ? file.StreamIdleTimeoutSeconds : 4 * 60 * 60),
            StreamTls = tls,
            UserNamespaceBase = usersBase,
            UserNamespaceCount = arguments.GetValue(_userNamespacesCount)
                ?? (users.HasCount ? users.Count : (int)Math.Clamp((MaxUserNamespaceId - usersBase) / UserNamespaceLength, 0, int.MaxValue)),
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

        string[] problems =
        [
            .. Problems(options, level), .. LimitProblems(options, logMaxSize, requestTimeout), .. UserNamespaceProblems(options),
            .. tlsProblem is null ? Array.Empty<string>() : [tlsProblem],
        ];
        return problems.Length == 0 ? options : throw new AgentException(ErrorKind.InvalidArgument, string.Join("\nerror: ", problems));
    }

    // IDs of one pod, and the end of those that there are: the last 65536 are the kernel's and nobody's.
    private const long UserNamespaceLength = 65536;
    private const long MaxUserNamespaceId = (1L << 32) - UserNamespaceLength;

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

        // IFNAMSIZ is 16 with the terminating zero; the name goes into nft(8) commands as a quoted string.
        if (options.Bridge.Length is 0 or > 15 || options.Bridge is "." or ".." || !options.Bridge.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            yield return $"bridge name \"{options.Bridge}\" must have 1 to 15 letters, digits, \"-\", \"_\" and \".\"";
        }

        // As nft(8) wants an identifier.
        if (options.NftablesTable.Length is 0 or > 60
            || !char.IsAsciiLetter(options.NftablesTable[0])
            || !options.NftablesTable.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            yield return $"nftables table \"{options.NftablesTable}\" must begin with a letter and have up to 60 letters, digits and \"_\"";
        }

        if (!IsNetwork(options.Subnet, out int bits))
        {
            yield return $"subnet \"{options.Subnet}\" is not an IPv4 network such as 10.88.0.0/16";
        }
        else if (bits > 30)
        {
            yield return $"subnet \"{options.Subnet}\" is too small for a gateway and a pod: it may have at most 30 bits";
        }

        if (options.Mtu is not 0 and (< 68 or > 65535))
        {
            yield return $"mtu {options.Mtu} is not between 68 and 65535";
        }

        if (!IPAddress.TryParse(options.StreamServerAddress, out _))
        {
            yield return $"stream server address \"{options.StreamServerAddress}\" is not an IP address";
        }

        if (options.StreamServerPort is < 0 or > ushort.MaxValue)
        {
            yield return $"stream server port {options.StreamServerPort} is not between 0 and 65535";
        }

        if (options.StreamIdleTimeoutSeconds < 0)
        {
            yield return $"stream idle timeout of {options.StreamIdleTimeoutSeconds} seconds is negative";
        }

        if (options.CgroupParent.Length == 0 || options.CgroupParent.Split('/').Any(part => part is "" or "." or ".."))
        {
            yield return $"cgroup parent \"{options.CgroupParent}\" is not a relative path without dots";
        }

        if (CgroupDriverProblem(options) is { } problem)
        {
            yield return problem;
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

    private static string? CgroupDriverProblem(AgentOptions options)
    {
        switch (options.CgroupDriver)
        {
            case CgroupDrivers.Cgroupfs:
                return SliceName.Ends(options.CgroupParent)
                    ? $"cgroup parent \"{options.CgroupParent}\" is a slice of systemd, but the cgroup driver is cgroupfs"
                    : null;
            case CgroupDrivers.Systemd:
                try
                {
                    _ = SliceName.ForPath(options.CgroupParent);
                    return null;
                }
                catch (AgentException refused)
                {
                    return $"cgroup parent {refused.Message}";
                }

            default:
                return $"cgroup driver \"{options.CgroupDriver}\" is neither cgroupfs nor systemd";
        }
    }

    private static IEnumerable<string> LimitProblems(AgentOptions options, string logMaxSize, string requestTimeout)
    {
        if (options.ContainerLogMaxSize == 0)
        {
            yield return $"container log max size \"{logMaxSize}\" is not a size such as 10Mi";
        }

        if (options.ContainerLogMaxFiles < 2)
        {
            yield return $"container log max files {options.ContainerLogMaxFiles} is not at least 2: the live one and one that was put aside";
        }

        if (options.RuntimeRequestTimeout <= TimeSpan.Zero)
        {
            yield return $"runtime request timeout \"{requestTimeout}\" is not a time such as 2m or 90s";
        }
    }

    // A pair of files, both absolute afterwards, or none at all.
    private (StreamTls? Tls, string? Problem) Tls(ParseResult arguments, AgentConfiguration file)
    {
        string certificate = arguments.GetValue(_streamServerCertificate) ?? file.StreamServerCertificateFile;
        string key = arguments.GetValue(_streamServerKey) ?? file.StreamServerKeyFile;
        if (certificate.Length == 0 != (key.Length == 0))
        {
            return (null, $"the streaming server needs both, certificate file and key file: \"{certificate}\" and \"{key}\"");
        }

        if (!(arguments.GetValue(_streamServerTls) ?? file.StreamServerTls))
        {
            return (null, certificate.Length > 0 ? $"the streaming server has certificate \"{certificate}\" but TLS is not switched on" : null);
        }

        return (certificate.Length > 0 ? new StreamTls(Path.GetFullPath(certificate), Path.GetFullPath(key)) : new StreamTls(null, null), null);
    }

    private static IEnumerable<string> UserNamespaceProblems(AgentOptions options)
    {
        if (options.UserNamespaceBase < UserNamespaceLength || options.UserNamespaceBase > MaxUserNamespaceId || options.UserNamespaceBase % UserNamespaceLength != 0)
        {
            yield return $"user namespaces: base {options.UserNamespaceBase} is no multiple of {UserNamespaceLength} from {UserNamespaceLength} on";
        }
        else if (options.UserNamespaceCount < 1 || options.UserNamespaceBase + ((long)options.UserNamespaceCount * UserNamespaceLength) > MaxUserNamespaceId)
        {
            yield return $"user namespaces: count {options.UserNamespaceCount} with base {options.UserNamespaceBase} is not between 1 and what 32-bit IDs hold";
        }
    }

    /// <summary>IPv4 address and prefix length with no bit of the host set; .NET 9 and 10 differ in whether parsing minds those bits.</summary>
    private static bool IsNetwork(string text, out int bits)
    {
        bool parsed = IPNetwork.TryParse(text, out IPNetwork network);
        bits = network.PrefixLength;
        return parsed
            && IPAddress.TryParse(text[..text.IndexOf('/', StringComparison.Ordinal)], out IPAddress? address)
            && address.Equals(network.BaseAddress)
            && address.AddressFamily == AddressFamily.InterNetwork
            && bits >= 1;
    }

    // A file that was named must exist, the usual one need not.
    private static string? FilePath(string? chosen) =>
        chosen ?? (File.Exists(AgentDefaults.ConfigurationFile) ? AgentDefaults.ConfigurationFile : null);
}
