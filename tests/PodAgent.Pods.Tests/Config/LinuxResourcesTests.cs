using PodAgent.Api.Resource;
using PodAgent.Pods.Config;
using PodAgent.Pods.Status;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Config;

public class LinuxResourcesTests
{
    private const long Gi = 1L << 30;

    private static readonly NodeFacts s_node = new() { NodeName = "n", HostIps = [], MemoryCapacity = 16 * Gi, CpuCapacity = 4000 };

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(10, 10)]
    [InlineData(100, 102)]
    [InlineData(1000, 1024)]
    [InlineData(2500, 2560)]
    [InlineData(1_000_000, 262_144)]
    public void Shares_OfMilliCpu_AreTheKubelets(long milli, long shares) => Assert.Equal(shares, LinuxResources.Shares(milli));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1000)]
    [InlineData(10, 1000)]
    [InlineData(250, 25_000)]
    [InlineData(2000, 200_000)]
    public void Quota_OfMilliCpu_HasTheKernelsMinimum(long milli, long quota) => Assert.Equal(quota, LinuxResources.Quota(milli));

    [Theory]
    [InlineData("", "BestEffort", 1000)]
    [InlineData("limits cpu=1 memory=1Gi", "Guaranteed", -997)]
    [InlineData("limits cpu=1 memory=1Gi requests cpu=500m memory=1Gi", "Burstable", 938)]
    [InlineData("requests memory=4Gi", "Burstable", 750)]
    [InlineData("requests cpu=1", "Burstable", 999)]
    [InlineData("requests memory=16Gi", "Burstable", 3)]
    [InlineData("limits memory=1Gi", "Burstable", 938)]
    public void QosAndOomScore_OfResources_AreTheKubelets(string resources, string qos, long oomScoreAdj)
    {
        Core.Pod pod = Make.New();
        Set(pod.Spec.Containers[0], resources);

        Assert.Equal(qos, QualityOfService.Of(pod).ToString());
        Assert.Equal(oomScoreAdj, LinuxResources.OomScoreAdj(pod, pod.Spec.Containers[0], s_node));
    }

    [Fact]
    public void OomScoreAdj_Sidecar_IsNotWorseThanTheMainContainers()
    {
        Core.Pod pod = Make.New("Always", ["s*"]);
        Set(pod.Spec.Containers[0], "requests memory=4Gi");

        Assert.Equal(750, LinuxResources.OomScoreAdj(pod, pod.Spec.InitContainers[0], s_node));
    }

    [Fact]
    public void OomScoreAdj_CriticalPod_IsProtected()
    {
        Core.Pod pod = Make.New();
        pod.Spec.Priority = 2_000_001_000;

        Assert.Equal(-997, LinuxResources.OomScoreAdj(pod, pod.Spec.Containers[0], s_node));
    }

    [Fact]
    public void OfPod_AllLimited_IsTheSum()
    {
        Core.Pod pod = Make.New("Always", null, "a", "b");
        Set(pod.Spec.Containers[0], "limits cpu=1 memory=1Gi requests cpu=500m memory=1Gi");
        Set(pod.Spec.Containers[1], "limits cpu=500m memory=2Gi");

        Cri.LinuxContainerResources result = LinuxResources.OfPod(pod);

        Assert.Equal((1024, 150_000, 3 * Gi), (result.CpuShares, result.CpuQuota, result.MemoryLimitInBytes));
    }

    [Fact]
    public void OfPod_OneUnlimited_HasNoLimits()
    {
        Core.Pod pod = Make.New("Always", null, "a", "b");
        Set(pod.Spec.Containers[0], "limits cpu=1 memory=1Gi");

        Cri.LinuxContainerResources result = LinuxResources.OfPod(pod);

        Assert.Equal((1024, 0, 0), (result.CpuShares, result.CpuQuota, result.MemoryLimitInBytes));
    }

    [Fact]
    public void OfPod_BigInitContainer_CountsAsMaximum()
    {
        Core.Pod pod = Make.New("Always", ["s*", "i"], "a");
        Set(pod.Spec.InitContainers[0], "limits cpu=100m memory=1Gi");
        Set(pod.Spec.InitContainers[1], "limits cpu=2 memory=8Gi");
        Set(pod.Spec.Containers[0], "limits cpu=1 memory=2Gi");

        Cri.LinuxContainerResources result = LinuxResources.OfPod(pod);

        Assert.Equal((210_000, 9 * Gi), (result.CpuQuota, result.MemoryLimitInBytes));
    }

    [Fact]
    public void OfPod_PodLevel_WinsOverTheSum()
    {
        Core.Pod pod = Make.New();
        pod.Spec.Resources = new Core.ResourceRequirements();
        pod.Spec.Resources.Limits["memory"] = new Quantity { String = "512Mi" };
        pod.Spec.Resources.Requests["cpu"] = new Quantity { String = "2" };

        Cri.LinuxContainerResources result = LinuxResources.OfPod(pod);

        Assert.Equal((2048, 512L << 20), (result.CpuShares, result.MemoryLimitInBytes));
    }

    // "limits cpu=1 memory=1Gi requests cpu=500m"
    private static void Set(Core.Container container, string text)
    {
        container.Resources ??= new Core.ResourceRequirements();
        IDictionary<string, Quantity> to = container.Resources.Limits;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word is "limits" or "requests")
            {
                to = word == "limits" ? container.Resources.Limits : container.Resources.Requests;
            }
            else
            {
                to[word.Split('=')[0]] = new Quantity { String = word.Split('=')[1] };
            }
        }
    }
}
