using PodAgent.Pods.Config;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Config;

public class PodConfigTests
{
    private const string HostResolv = "# host\nnameserver 192.0.2.53\nsearch example.org\noptions timeout:1\n";

    [Theory]
    [InlineData("Default", "", "192.0.2.53 | example.org | timeout:1")]
    [InlineData("ClusterFirst", "", "192.0.2.53 | example.org | timeout:1")]
    [InlineData("ClusterFirst", "10.96.0.10", "10.96.0.10 | default.svc.cluster.local svc.cluster.local cluster.local example.org | ndots:5")]
    [InlineData("None", "10.96.0.10", " |  | ")]
    public void Dns_ByPolicy_GivesServersSearchesOptions(string policy, string cluster, string expected)
    {
        Core.Pod pod = Make.New();
        pod.Spec.DnsPolicy = policy;

        Cri.DNSConfig dns = PodDns.Build(pod, HostResolv, cluster.Length == 0 ? [] : [cluster], "cluster.local");

        Assert.Equal(expected, $"{string.Join(' ', dns.Servers)} | {string.Join(' ', dns.Searches)} | {string.Join(' ', dns.Options)}");
    }

    [Fact]
    public void Dns_ConfigOfThePod_IsMergedAndLimited()
    {
        Core.Pod pod = Make.New();
        pod.Spec.DnsPolicy = "Default";
        pod.Spec.DnsConfig = new Core.PodDNSConfig { Nameservers = { "1.1.1.1", "192.0.2.53", "2.2.2.2", "3.3.3.3" }, Searches = { "a.b" } };
        pod.Spec.DnsConfig.Options.Add(new Core.PodDNSConfigOption { Name = "timeout", Value = "7" });
        pod.Spec.DnsConfig.Options.Add(new Core.PodDNSConfigOption { Name = "rotate" });

        Cri.DNSConfig dns = PodDns.Build(pod, HostResolv, [], "cluster.local");

        Assert.Equal(["192.0.2.53", "1.1.1.1", "2.2.2.2"], dns.Servers);
        Assert.Equal(["example.org", "a.b"], dns.Searches);
        Assert.Equal(["timeout:7", "rotate"], dns.Options);
    }

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)$(B)y", "x12y")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$(C)", "$(C)")]
    [InlineData("$(A", "$(A")]
    [InlineData("$A", "$A")]
    [InlineData("$", "$")]
    [InlineData("a$", "a$")]
    [InlineData("$$", "$")]
    [InlineData("$()", "$()")]
    [InlineData("", "")]
    public void Expand_References_AreTheKubelets(string text, string expected) =>
        Assert.Equal(expected, Expansion.Expand(text, new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }));

    [Fact]
    public void Hostname_TooLong_IsCutWithoutASeparatorAtTheEnd()
    {
        Core.Pod pod = Make.New();
        pod.Metadata.Name = new string('a', 62) + "-" + new string('b', 20);

        Assert.Equal(new string('a', 62), Hostname.Of(pod));
    }

    [Fact]
    public void Hosts_WithSubdomainAndAliases_NamesThePodFully()
    {
        Core.Pod pod = Make.New();
        pod.Spec.Subdomain = "db";
        pod.Spec.HostAliases.Add(new Core.HostAlias { Ip = "192.0.2.9", Hostnames = { "one", "two" } });

        string hosts = HostsText.Build(pod, ["10.0.0.1"], "web", Hostname.Domain(pod, "cluster.local"), "");

        Assert.Contains("\n10.0.0.1\tweb.db.default.svc.cluster.local\tweb\n", hosts);
        Assert.EndsWith("\n# Entries added by HostAliases.\n192.0.2.9\tone\ttwo\n", hosts);
    }

    [Fact]
    public void Hosts_OnTheHostsNetwork_StartsWithTheHostsFile()
    {
        Core.Pod pod = Make.New();
        pod.Spec.HostNetwork = true;

        Assert.Equal("# Kubernetes-managed hosts file (host network).\n127.0.0.1 host\n", HostsText.Build(pod, ["192.0.2.1"], "h", "", "127.0.0.1 host\n"));
    }

    [Theory]
    [InlineData("limits.cpu", "1", "2")]
    [InlineData("limits.cpu", "1m", "1500")]
    [InlineData("limits.cpu", "", "2")]
    [InlineData("limits.memory", "1Mi", "64")]
    [InlineData("limits.memory", "", "67108864")]
    [InlineData("limits.memory", "1Gi", "1")]
    [InlineData("requests.cpu", "1m", "250")]
    [InlineData("requests.memory", "1", "0")]
    [InlineData("limits.ephemeral-storage", "1", "0")]
    public void ResourceField_WithDivisor_RoundsUp(string resource, string divisor, string expected)
    {
        Core.Pod pod = Make.New();
        Core.Container container = pod.Spec.Containers[0];
        container.Resources = new Core.ResourceRequirements();
        container.Resources.Limits["cpu"] = new PodAgent.Api.Resource.Quantity { String = "1500m" };
        container.Resources.Limits["memory"] = new PodAgent.Api.Resource.Quantity { String = "64Mi" };
        container.Resources.Requests["cpu"] = new PodAgent.Api.Resource.Quantity { String = "250m" };
        Core.ResourceFieldSelector selector = new() { Resource = resource };
        if (divisor.Length > 0)
        {
            selector.Divisor = new PodAgent.Api.Resource.Quantity { String = divisor };
        }

        NodeFacts node = new() { NodeName = "n", HostIps = [], MemoryCapacity = 1 << 30, CpuCapacity = 4000 };
        Assert.Equal(expected, PodFields.Resource(pod, container, selector, node));
    }

    public static TheoryData<string, long?, long?, string, string?> NonRoot => new()
    {
        { "numeric user of the pod", 1000, null, "", null },
        { "root by the pod", 0, 1000, "", "container's runAsUser breaks non-root policy" },
        { "numeric user of the image", null, 1000, "", null },
        { "root by the image", null, 0, "", "container has runAsNonRoot and image will run as root" },
        { "image without a user", null, null, "", "container has runAsNonRoot and image will run as root" },
        { "image with a name", null, null, "app", "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root" },
    };

    [Theory]
    [MemberData(nameof(NonRoot))]
    public void Security_RunAsNonRoot_IsVerified(string sentence, long? podUser, long? imageUid, string imageUser, string? problem)
    {
        Core.Pod pod = Make.New();
        pod.Spec.SecurityContext = new Core.PodSecurityContext { RunAsNonRoot = true };
        if (podUser is { } user)
        {
            pod.Spec.SecurityContext.RunAsUser = user;
        }

        string? message = null;
        try
        {
            Cri.LinuxContainerSecurityContext context = ContainerSecurity.Build(
                pod, pod.Spec.Containers[0], imageUid, imageUser, new SecurityOptions(true, "/seccomp"));
            Assert.Equal(podUser ?? imageUid, context.RunAsUser.Value);
        }
        catch (ContainerConfigException e)
        {
            message = e.Message;
        }

        Assert.Equal((sentence, problem is null ? null : $"{problem} (pod: \"web_default(uid-1)\", container: app)"), (sentence, message));
    }

    [Fact]
    public void Security_ContainerFields_WinOverThePods()
    {
        Core.Pod pod = Make.New();
        pod.Spec.SecurityContext = new Core.PodSecurityContext { RunAsUser = 1, RunAsGroup = 2, FsGroup = 3, SupplementalGroups = { 4 } };
        pod.Spec.Containers[0].SecurityContext = new Core.SecurityContext
        {
            RunAsUser = 10,
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new Core.Capabilities { Add = { "NET_ADMIN" }, Drop = { "ALL" } },
        };

        Cri.LinuxContainerSecurityContext context = ContainerSecurity.Build(pod, pod.Spec.Containers[0], null, "", new SecurityOptions(true, "/s"));

        Assert.Equal((10, 2), (context.RunAsUser.Value, context.RunAsGroup.Value));
        Assert.Equal([3, 4], context.SupplementalGroups);
        Assert.True(context.NoNewPrivs && context.ReadonlyRootfs);
        Assert.Equal(["NET_ADMIN"], context.Capabilities.AddCapabilities);
        Assert.Equal(["ALL"], context.Capabilities.DropCapabilities);
        Assert.Equal(Cri.SecurityProfile.Types.ProfileType.RuntimeDefault, context.Seccomp.ProfileType);
        Assert.Contains("/proc/kcore", context.MaskedPaths);
        Assert.Contains("/proc/sys", context.ReadonlyPaths);
    }

    [Fact]
    public void Security_Privileged_HidesNothing()
    {
        Core.Pod pod = Make.New();
        pod.Spec.Containers[0].SecurityContext = new Core.SecurityContext { Privileged = true };

        Cri.LinuxContainerSecurityContext context = ContainerSecurity.Build(pod, pod.Spec.Containers[0], null, "", new SecurityOptions(true, "/s"));

        Assert.Empty(context.MaskedPaths);
        Assert.Equal(Cri.SecurityProfile.Types.ProfileType.Unconfined, context.Seccomp.ProfileType);
    }

    [Theory]
    [InlineData("field", Cri.SecurityProfile.Types.ProfileType.Unconfined, "")]
    [InlineData("localhost/strict", Cri.SecurityProfile.Types.ProfileType.Localhost, "strict")]
    [InlineData("runtime/default", Cri.SecurityProfile.Types.ProfileType.RuntimeDefault, "")]
    [InlineData("", Cri.SecurityProfile.Types.ProfileType.Localhost, "of-the-pod")]
    public void AppArmor_FieldAnnotationAndPod_WinInThisOrder(string annotation, Cri.SecurityProfile.Types.ProfileType type, string reference)
    {
        Core.Pod pod = Make.New();
        pod.Spec.SecurityContext = new Core.PodSecurityContext { AppArmorProfile = new Core.AppArmorProfile { Type = "Localhost", LocalhostProfile = "of-the-pod" } };
        if (annotation.Length > 0)
        {
            pod.Metadata.Annotations["container.apparmor.security.beta.kubernetes.io/" + pod.Spec.Containers[0].Name] = annotation == "field" ? "localhost/strict" : annotation;
        }

        if (annotation == "field")
        {
            pod.Spec.Containers[0].SecurityContext = new Core.SecurityContext { AppArmorProfile = new Core.AppArmorProfile { Type = "Unconfined" } };
        }

        Cri.SecurityProfile profile = ContainerSecurity.Build(pod, pod.Spec.Containers[0], null, "", new SecurityOptions(true, "/s")).Apparmor;

        Assert.Equal((type, reference), (profile.ProfileType, profile.LocalhostRef));
    }

    [Fact]
    public void AppArmor_AnnotationOfNoKnownForm_IsRefusedWithItsName()
    {
        Core.Pod pod = Make.New();
        pod.Metadata.Annotations["container.apparmor.security.beta.kubernetes.io/" + pod.Spec.Containers[0].Name] = "strict";

        ContainerConfigException e = Assert.Throws<ContainerConfigException>(
            () => ContainerSecurity.Build(pod, pod.Spec.Containers[0], null, "", new SecurityOptions(true, "/s")));

        Assert.Contains("\"strict\" is none of", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../x.json")]
    public void Seccomp_LocalhostPathThatEscapes_IsRefused(string path) => Assert.Throws<ContainerConfigException>(
        () => ContainerSecurity.Seccomp(new Core.SeccompProfile { Type = "Localhost", LocalhostProfile = path }, false, new SecurityOptions(true, "/s")));

    [Theory]
    [InlineData("SIGTERM", Cri.Signal.Sigterm)]
    [InlineData("SIGRTMIN+3", Cri.Signal.Sigrtminplus3)]
    [InlineData("SIGRTMAX-14", Cri.Signal.Sigrtmaxminus14)]
    [InlineData("SIGRTMIN", Cri.Signal.Sigrtmin)]
    [InlineData("", Cri.Signal.RuntimeDefault)]
    public void StopSignal_ByName_IsTheRuntimes(string name, Cri.Signal signal) => Assert.Equal(signal, StopSignals.Parse(name));
}
