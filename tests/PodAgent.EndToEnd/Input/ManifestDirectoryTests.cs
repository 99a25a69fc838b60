using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Input;

/// <summary>What people do to the manifest directory while its pods run.</summary>
public sealed class ManifestDirectoryTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task File_BrokenWhileItsPodRuns_LeavesThePodAlone()
    {
        agent.AddManifest("broken.yaml", PodYaml.Idle("broken"));
        Pod before = await agent.WaitUntilRunningAsync("broken");

        agent.AddManifest("broken.yaml", PodYaml.Idle("broken") + "garbage: [");
        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "broken.yaml" && e.Reason == "FailedManifest");

        Assert.Equal("Warning", failed.Type);
        Assert.Contains("broken.yaml:", failed.Message, StringComparison.Ordinal);
        Assert.Equal(ContainerId(before), ContainerId(await agent.WaitUntilRunningAsync("broken")));
    }

    [Fact]
    public async Task File_HalfWritten_BecomesAPodOnceItIsWhole()
    {
        string whole = PodYaml.Idle("half");
        string path = Path.Combine(agent.Manifests, "half.yaml");
        using (StreamWriter writer = File.CreateText(path))
        {
            writer.Write(whole[..(whole.IndexOf("metadata", StringComparison.Ordinal) + 4)]);
        }

        await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "half.yaml" && e.Reason == "FailedManifest");
        Assert.DoesNotContain("half", await agent.PodNamesAsync());
        File.WriteAllText(path, whole);

        await agent.WaitUntilRunningAsync("half");
    }

    [Fact]
    public async Task File_WithAPodThatAnotherFileHas_IsRefused()
    {
        string first = agent.AddManifest("same-1.yaml", PodYaml.Idle("same"));
        Pod before = await agent.WaitUntilRunningAsync("same");

        agent.AddManifest("same-2.yaml", PodYaml.Idle("same"));
        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "same-2.yaml" && e.Reason == "FailedManifest");

        Assert.Contains($"is already defined by manifest \"{first}\"", failed.Message, StringComparison.Ordinal);
        Assert.Equal(ContainerId(before), ContainerId(await agent.WaitUntilRunningAsync("same")));
    }

    [Fact]
    public async Task File_Changed_ReplacesThePod()
    {
        agent.AddManifest("changed.yaml", PodYaml.Idle("changed"));
        Pod before = await agent.WaitUntilRunningAsync("changed");

        agent.AddManifest("changed.yaml", PodYaml.Idle("changed", "env: [{name: A, value: b}]"));
        await agent.WaitForPodAsync("changed", pod => pod.Metadata.Uid != before.Metadata.Uid && pod.Status.Phase == "Running");

        Assert.Equal("b\n", (await agent.PodctlAsync("exec", "changed", "--", "sh", "-c", "echo $A")).Succeeded());
    }

    [Fact]
    public async Task File_Renamed_KeepsAPodOfThisName()
    {
        string path = agent.AddManifest("old-name.yaml", PodYaml.Idle("renamed"));
        await agent.WaitUntilRunningAsync("renamed");

        string renamed = Path.Combine(agent.Manifests, "new-name.yaml");
        File.Move(path, renamed);
        agent.AddManifest("after-rename.yaml", PodYaml.Idle("after-rename"));
        await agent.WaitUntilRunningAsync("after-rename");

        await agent.WaitUntilRunningAsync("renamed");
        File.Delete(renamed);
        await agent.WaitUntilGoneAsync("renamed");
    }

    [Fact]
    public async Task Delete_OfAManifestsPod_IsRefusedWithTheFilesName()
    {
        string path = agent.AddManifest("owned.yaml", PodYaml.Idle("owned"));
        await agent.WaitUntilRunningAsync("owned");

        string error = (await agent.PodctlAsync("delete", "pod", "owned")).Failed();

        Assert.Contains(path, error, StringComparison.Ordinal);
        Assert.Contains("remove the file", error, StringComparison.Ordinal);
        await agent.WaitUntilRunningAsync("owned");
    }

    private static string ContainerId(Pod pod) => pod.Status.ContainerStatuses[0].ContainerID;
}
