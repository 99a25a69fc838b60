using System.CommandLine;
using Microsoft.Extensions.Logging;
using PodAgent.Configuration;
using PodAgent.Cri.Streams;
using PodAgent.Linux;
using PodAgent.Linux.Systemd;

namespace PodAgent.Tests.Configuration;

public sealed class AgentFlagsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Read_NeitherFlagNorFile_AreTheDocumentedDefaults()
    {
        AgentOptions options = Read("");

        Assert.Equal(
            new AgentOptions
            {
                ConfigurationFile = options.ConfigurationFile,
                Root = "/var/lib/podagent",
                State = "/run/podagent",
                Socket = "/run/podagent/podagent.sock",
                Manifests = "/etc/podagent/manifests",
                PodLogs = "/var/log/pods",
                NodeName = Environment.MachineName.ToLowerInvariant(),
                SandboxBinary = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath)!, "pod-sandbox"),
                CgroupParent = "podagent",
                CgroupDriver = SystemdPresence.ArrangesCgroups ? "systemd" : "cgroupfs",
                RuntimeEndpoint = null,
                LogLevel = LogLevel.Information,
                Bridge = "podagent0",
                Subnet = "10.88.0.0/16",
                NftablesTable = "podagent",
                Mtu = 0,
                RuntimeHandlers = "",
                Busybox = "/bin/busybox",
                ContainerLogMaxSize = 10 << 20,
                ContainerLogMaxFiles = 5,
                RuntimeRequestTimeout = TimeSpan.FromMinutes(2),
                StreamServerAddress = "127.0.0.1",
                StreamServerPort = 0,
                StreamIdleTimeoutSeconds = 14400,
                StreamTls = null,
                UserNamespaceBase = 65536,
                UserNamespaceCount = 65534,
                Images = options.Images,
            },
            options);
    }

    [Fact]
    public void Read_EveryFieldOfTheFile_WinsOverItsDefault()
    {
        AgentOptions options = Read(
            """
            root: /srv/root/
            state: /srv/state
            socket: /srv/agent.sock
            manifests: /srv/manifests
            podLogs: /srv/logs
            nodeName: node-1
            sandboxBinary: /srv/bin/pod-sandbox
            cgroupParent: /pods/mine/
            cgroupDriver: systemd
            runtimeEndpoint: unix:///srv/other.sock
            logLevel: Debug
            runtimeHandlers: [fast, safe]
            busybox: /srv/busybox
            containerLogMaxSize: 1Mi
            containerLogMaxFiles: 3
            runtimeRequestTimeout: 1m30s
            streamServerAddress: "::1"
            streamServerPort: 10010
            streamIdleTimeoutSeconds: 60
            streamServerTls: true
            streamServerCertificateFile: /srv/tls.crt
            streamServerKeyFile: /srv/tls.key
            userNamespaces: {base: 131072, count: 7}
            network:
              bridge: br1
              subnet: 10.1.0.0/24
              nftablesTable: mine
              mtu: 1400
            """);

        Assert.Equal(
            new AgentOptions
            {
                ConfigurationFile = options.ConfigurationFile,
                Root = "/srv/root",
                State = "/srv/state",
                Socket = "/srv/agent.sock",
                Manifests = "/srv/manifests",
                PodLogs = "/srv/logs",
                NodeName = "node-1",
                SandboxBinary = "/srv/bin/pod-sandbox",
                CgroupParent = "pods/mine",
                CgroupDriver = "systemd",
                RuntimeEndpoint = "unix:///srv/other.sock",
                LogLevel = LogLevel.Debug,
                Bridge = "br1",
                Subnet = "10.1.0.0/24",
                NftablesTable = "mine",
                Mtu = 1400,
                RuntimeHandlers = "fast,safe",
                Busybox = "/srv/busybox",
                ContainerLogMaxSize = 1 << 20,
                ContainerLogMaxFiles = 3,
                RuntimeRequestTimeout = TimeSpan.FromSeconds(90),
                StreamServerAddress = "::1",
                StreamServerPort = 10010,
                StreamIdleTimeoutSeconds = 60,
                StreamTls = new StreamTls("/srv/tls.crt", "/srv/tls.key"),
                UserNamespaceBase = 131072,
                UserNamespaceCount = 7,
                Images = options.Images,
            },
            options);
    }

    [Fact]
    public void Read_EveryFlag_WinsOverTheFile()
    {
        const string file =
            """
            root: /file
            state: /file
            socket: /file
            manifests: /file
            podLogs: /file
            nodeName: file
            sandboxBinary: /file
            cgroupParent: file
            cgroupDriver: cgroupfs
            runtimeEndpoint: unix:///file
            logLevel: trace
            busybox: /file
            containerLogMaxSize: 1Mi
            containerLogMaxFiles: 3
            runtimeRequestTimeout: 1m30s
            streamServerAddress: 10.0.0.1
            streamServerPort: 1
            streamIdleTimeoutSeconds: 1
            streamServerCertificateFile: /file
            streamServerKeyFile: /file
            userNamespaces: {base: 65536, count: 2}
            network: {bridge: file, subnet: 10.9.0.0/24, nftablesTable: file, mtu: 1000}
            """;

        AgentOptions options = Read(
            file,
            "--root=/flag/root", "--state=/flag/state", "--socket=/flag/sock", "--manifests=/flag/manifests", "--pod-logs=/flag/logs",
            "--node-name=flag", "--sandbox-binary=/flag/sandbox", "--cgroup-parent=flag", "--cgroup-driver=systemd", "--runtime-endpoint=unix:///flag", "--log-level=error",
            "--bridge=flag0", "--subnet=10.8.0.0/24", "--nftables-table=flag", "--mtu=1300", "--busybox=/flag/busybox",
            "--container-log-max-size=5M", "--container-log-max-files=2", "--runtime-request-timeout=5m", "--runtime-handlers=one,two",
            "--stream-server-address=0.0.0.0", "--stream-server-port=10011", "--stream-idle-timeout-seconds=0",
            "--stream-server-tls", "--stream-server-certificate-file=/flag/tls.crt", "--stream-server-key-file=/flag/tls.key",
            "--user-namespaces-base=196608", "--user-namespaces-count=1");

        Assert.Equal(
            new AgentOptions
            {
                ConfigurationFile = options.ConfigurationFile,
                Root = "/flag/root",
                State = "/flag/state",
                Socket = "/flag/sock",
                Manifests = "/flag/manifests",
                PodLogs = "/flag/logs",
                NodeName = "flag",
                SandboxBinary = "/flag/sandbox",
                CgroupParent = "flag",
                CgroupDriver = "systemd",
                RuntimeEndpoint = "unix:///flag",
                LogLevel = LogLevel.Error,
                Bridge = "flag0",
                Subnet = "10.8.0.0/24",
                NftablesTable = "flag",
                Mtu = 1300,
                RuntimeHandlers = "one,two",
                Busybox = "/flag/busybox",
                ContainerLogMaxSize = 5_000_000,
                ContainerLogMaxFiles = 2,
                RuntimeRequestTimeout = TimeSpan.FromMinutes(5),
                StreamServerAddress = "0.0.0.0",
                StreamServerPort = 10011,
                StreamIdleTimeoutSeconds = 0,
                StreamTls = new StreamTls("/flag/tls.crt", "/flag/tls.key"),
                UserNamespaceBase = 196608,
                UserNamespaceCount = 1,
                Images = options.Images,
            },
            options);
    }

    [Fact]
    public void Read_Images_AreTheDefaultsThenTheFileThenTheFlags()
    {
        const string file = "images: {registryConfig: [/file/a, /file/b], authFiles: [/file/auth], pinned: [x:1], gcHighThreshold: 50, gcLowThreshold: 40, gcMinimumAge: 9, layersPerPull: 5}";

        ImageOptions byDefault = Read("").Images;
        ImageOptions fromFile = Read(file).Images;
        ImageOptions byFlag = Read(file, "--registry-config=/flag", "--auth-file=/flag/1", "--auth-file=/flag/2").Images;

        Assert.Equal(["/etc/podagent/certs.d", "/etc/containerd/certs.d", "/etc/docker/certs.d"], byDefault.RegistryConfig);
        Assert.Equal("/etc/podagent/auth.json", byDefault.AuthFiles[0]);
        Assert.Equal((85, 80, 120, 3), (byDefault.HighThreshold, byDefault.LowThreshold, byDefault.MinimumAge.TotalSeconds, byDefault.LayersPerPull));
        Assert.Equal(["/file/a", "/file/b"], fromFile.RegistryConfig);
        Assert.Equal(["/file/auth"], fromFile.AuthFiles);
        Assert.Equal(["x:1"], fromFile.Pinned);
        Assert.Equal((50, 40, 9, 5), (fromFile.HighThreshold, fromFile.LowThreshold, fromFile.MinimumAge.TotalSeconds, fromFile.LayersPerPull));
        Assert.Equal(["/flag"], byFlag.RegistryConfig);
        Assert.Equal(["/flag/1", "/flag/2"], byFlag.AuthFiles);
    }

    [Fact]
    public void Read_ImageThresholdsTheWrongWayRound_AreRefused()
    {
        var failure = Assert.Throws<AgentException>(() => Read("images: {gcHighThreshold: 60, gcLowThreshold: 70, layersPerPull: 0}"));

        Assert.Equal(
            "images: gcLowThreshold 70 and gcHighThreshold 60 must be percentages, the first one lower\nerror: images: layersPerPull 0 is not between 1 and 32",
            failure.Message);
    }

    [Fact]
    public void Read_StateMoved_MovesTheSocketWithIt() =>
        Assert.Equal("/elsewhere/podagent.sock", Read("", "--state=/elsewhere").Socket);

    [Fact]
    public void Read_RelativeDirectory_IsMadeAbsolute() =>
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "here"), Read("", "--root=here").Root);

    [Fact]
    public void Read_SeveralMistakes_AreAllReportedAtOnce()
    {
        var failure = Assert.Throws<AgentException>(() => Read(
            "", "--log-level=loud", "--bridge=a-name-that-is-too-long", "--subnet=10.88.0.1/16", "--mtu=67", "--cgroup-parent=a/../b",
            "--runtime-endpoint=tcp://x", "--socket=/" + new string('s', 107)));

        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
        string[] lines = failure.Message.Split("\nerror: ");
        Assert.Equal(
            ["log level", "bridge name", "subnet", "mtu", "cgroup parent", "runtime endpoint", "socket path"],
            lines.Select(line => line[..line.IndexOfAny(['"', '6'])].TrimEnd()));
    }

    [Theory]
    [InlineData("--bridge=a/b")]
    [InlineData("--bridge=a b")]
    [InlineData("--nftables-table=a-b")]
    [InlineData("--nftables-table=1a")]
    [InlineData("--nftables-table=_")]
    [InlineData("--bridge=a;b")]
    [InlineData("--container-log-max-size=big")]
    [InlineData("--container-log-max-size=0")]
    [InlineData("--container-log-max-files=1")]
    [InlineData("--runtime-request-timeout=2")]
    [InlineData("--runtime-request-timeout=0s")]
    [InlineData("--subnet=10.88.0.0")]
    [InlineData("--subnet=10.88.0.1/16")]
    [InlineData("--subnet=10.88.0.0/31")]
    [InlineData("--subnet=0.0.0.0/0")]
    [InlineData("--subnet=fd00::/64")]
    [InlineData("--subnet=10.88.0.0/33")]
    [InlineData("--mtu=65536")]
    [InlineData("--mtu=-1")]
    [InlineData("--cgroup-parent=/")]
    [InlineData("--cgroup-parent=a//b")]
    [InlineData("--cgroup-driver=none")]
    [InlineData("--cgroup-driver=Systemd")]
    public void Read_ImpossibleValue_IsRefused(string flag) => Assert.Throws<AgentException>(() => Read("", flag));

    [Theory]
    [InlineData("--subnet=10.88.0.0/31", "subnet \"10.88.0.0/31\" is too small for a gateway and a pod: it may have at most 30 bits")]
    [InlineData("--nftables-table=a b", "nftables table \"a b\" must begin with a letter and have up to 60 letters, digits and \"_\"")]
    public void Read_ImpossibleNetwork_SaysWhy(string flag, string expected) =>
        Assert.Equal(expected, Assert.Throws<AgentException>(() => Read("", flag)).Message);

    [Theory]
    [InlineData("streamServerCertificateFile: /a", "the streaming server needs both, certificate file and key file: \"/a\" and \"\"")]
    [InlineData("{streamServerTls: true, streamServerKeyFile: /b}", "the streaming server needs both, certificate file and key file: \"\" and \"/b\"")]
    [InlineData("{streamServerCertificateFile: /a, streamServerKeyFile: /b}", "the streaming server has certificate \"/a\" but TLS is not switched on")]
    [InlineData("userNamespaces: {base: 65537}", "user namespaces: base 65537 is no multiple of 65536 from 65536 on")]
    [InlineData("userNamespaces: {base: 0}", "user namespaces: base 0 is no multiple of 65536 from 65536 on")]
    [InlineData("userNamespaces: {count: 0}", "user namespaces: count 0 with base 65536 is not between 1 and what 32-bit IDs hold")]
    [InlineData("userNamespaces: {count: 65535}", "user namespaces: count 65535 with base 65536 is not between 1 and what 32-bit IDs hold")]
    public void Read_StreamsOrUsersThatCannotBe_SaysWhy(string file, string expected) =>
        Assert.Equal(expected, Assert.Throws<AgentException>(() => Read(file)).Message);

    [Fact]
    public void Read_StreamsOverTlsWithoutFiles_AreServedWithTheAgentsOwnCertificate() =>
        Assert.Equal(new StreamTls(null, null), Read("streamServerTls: true").StreamTls);

    [Theory]
    [InlineData("systemd", "a--b.slice", "cgroup parent \"a--b.slice\" is not a slice: a level between its dashes has no name")]
    [InlineData("cgroupfs", "a.slice", "cgroup parent \"a.slice\" is a slice of systemd, but the cgroup driver is cgroupfs")]
    [InlineData("none", "a", "cgroup driver \"none\" is neither cgroupfs nor systemd")]
    public void Read_CgroupParentThatTheDriverCannotMake_SaysWhy(string driver, string parent, string expected) =>
        Assert.Equal(expected, Assert.Throws<AgentException>(() => Read("", $"--cgroup-driver={driver}", $"--cgroup-parent={parent}")).Message);

    [Fact]
    public void Read_OtherRuntime_MakesCgroupsItselfUnlessTold() => Assert.Equal("cgroupfs", Read("", "--runtime-endpoint=unix:///x").CgroupDriver);

    [Fact]
    public void Read_EmptyBridgeInTheFile_IsRefused() => Assert.Throws<AgentException>(() => Read("network: {bridge: ''}"));

    [Theory]
    [InlineData("--bridge=fifteen-letters")]
    [InlineData("--container-log-max-size=-1")]
    [InlineData("--container-log-max-files=2")]
    [InlineData("--runtime-request-timeout=1ms")]
    [InlineData("--mtu=68")]
    [InlineData("--subnet=10.88.0.0/30")]
    [InlineData("--mtu=65535")]
    [InlineData("--log-level=WARNING")]
    public void Read_ValueAtTheLimit_IsTaken(string flag) => Assert.NotNull(Read("", flag));

    [Fact]
    public void Read_SocketPathOf107Bytes_IsTaken() => Assert.Equal(107, Read("", "--socket=/" + new string('s', 106)).Socket.Length);

    [Fact]
    public void Read_SocketPathOf108BytesInFewerCharacters_IsRefused() =>
        Assert.Throws<AgentException>(() => Read("", "--socket=/" + new string('s', 105) + "é"));

    [Fact]
    public void Read_FileThatWasNamedAndIsMissing_IsAMistake()
    {
        string path = Path.Combine(_directory, "none.yaml");

        var failure = Assert.Throws<AgentException>(() => Parse("--config=" + path));

        Assert.Equal(ErrorKind.NotFound, failure.Kind);
        Assert.StartsWith($"cannot read the configuration file \"{path}\": ", failure.Message, StringComparison.Ordinal);
    }

    private static AgentOptions Parse(params string[] words)
    {
        var flags = new AgentFlags();
        var root = new RootCommand();
        foreach (Option flag in flags.All)
        {
            root.Options.Add(flag);
        }

        ParseResult arguments = root.Parse(words);
        Assert.Empty(arguments.Errors);
        return flags.Read(arguments);
    }

    private AgentOptions Read(string file, params string[] words)
    {
        string path = Path.Combine(_directory, "podagent.yaml");
        File.WriteAllText(path, file);
        return Parse(["--config=" + path, .. words]);
    }
}
