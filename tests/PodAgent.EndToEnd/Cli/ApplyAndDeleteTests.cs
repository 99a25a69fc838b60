using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>apply, wait and delete.</summary>
public sealed class ApplyAndDeleteTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Apply_SameChangedAndForbidden_SaysWhich()
    {
        string manifest = PodYaml.Idle("applied");
        Assert.Equal("pod/applied created\n", (await agent.PodctlWithInputAsync(manifest, "apply", "-f", "-")).Succeeded());
        Pod before = await agent.WaitUntilRunningAsync("applied");
        Assert.Equal("pod/applied unchanged\n", (await agent.PodctlWithInputAsync(manifest, "apply", "-f", "-")).Succeeded());

        string labelled = manifest.Replace("  name: applied\n", "  name: applied\n  labels: {tier: test}\n", StringComparison.Ordinal);
        Assert.Equal("pod/applied configured\n", (await agent.PodctlWithInputAsync(labelled, "apply", "-f", "-")).Succeeded());
        Assert.Contains("pod/applied", (await agent.PodctlAsync("get", "pods", "-l", "tier=test", "-o", "name")).Succeeded(), StringComparison.Ordinal);

        string command = labelled.Replace("sleep, infinity", "sleep, '5'", StringComparison.Ordinal);
        string error = (await agent.PodctlWithInputAsync(command, "apply", "-f", "-")).Failed();
        Assert.Contains("The Pod \"applied\" is invalid", error, StringComparison.Ordinal);
        Assert.Contains("pod updates may not change fields other than", error, StringComparison.Ordinal);
        Pod after = await agent.WaitUntilRunningAsync("applied");
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].ContainerID);
        Assert.Equal(["sleep", "infinity"], after.Spec.Containers[0].Command);
    }

    [Fact]
    public async Task Delete_WithManifest_DeletesItsPods()
    {
        string path = Path.Combine(agent.Directory, "two.yaml");
        await File.WriteAllTextAsync(path, PodYaml.Idle("file-1") + "---\n" + PodYaml.Idle("file-2"));
        Assert.Equal("pod/file-1 created\npod/file-2 created\n", (await agent.PodctlAsync("apply", "-f", path)).Succeeded());
        await agent.WaitUntilRunningAsync("file-1");
        await agent.WaitUntilRunningAsync("file-2");

        string deleted = (await agent.PodctlAsync("delete", "-f", path, "--now")).Succeeded();

        Assert.Contains("pod \"file-1\" deleted\n", deleted, StringComparison.Ordinal);
        Assert.Contains("pod \"file-2\" deleted\n", deleted, StringComparison.Ordinal);
        Assert.DoesNotContain(await agent.PodNamesAsync(), name => name.StartsWith("file-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_Gracefully_RunsPreStopThenSendsSigterm()
    {
        string shared = System.IO.Directory.CreateDirectory(Path.Combine(agent.Directory, "grace")).FullName;
        await agent.ApplyAsync(PodYaml.Shell("graceful", "trap 'echo sigterm >> /g/order; exit 0' TERM; touch /g/ready; sleep infinity & wait",
            "volumeMounts: [{name: g, mountPath: /g}]\nlifecycle: {preStop: {exec: {command: [sh, -c, echo prestop >> /g/order]}}}\nreadinessProbe: {exec: {command: [cat, /g/ready]}, periodSeconds: 1}",
            $"volumes: [{{name: g, hostPath: {{path: {shared}}}}}]").Replace("terminationGracePeriodSeconds: 1\n", "terminationGracePeriodSeconds: 30\n", StringComparison.Ordinal));
        await agent.WaitUntilRunningAsync("graceful");

        var clock = System.Diagnostics.Stopwatch.StartNew();
        (await agent.PodctlAsync("delete", "pod", "graceful")).Succeeded();

        Assert.Equal("prestop\nsigterm\n", await File.ReadAllTextAsync(Path.Combine(shared, "order")));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Delete_OfADeafPod_KillsAfterItsGracePeriod()
    {
        await agent.ApplyAsync(PodYaml.Shell("deaf", "trap '' TERM; sleep infinity"));
        await agent.WaitUntilRunningAsync("deaf");
        var clock = System.Diagnostics.Stopwatch.StartNew();

        (await agent.PodctlAsync("delete", "pod", "deaf")).Succeeded();

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(15));
        Assert.DoesNotContain("deaf", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Delete_ByForce_DoesNotWaitForTheGracePeriod()
    {
        await agent.ApplyAsync(PodYaml.Shell("forced", "trap '' TERM; sleep infinity").Replace("terminationGracePeriodSeconds: 1\n", "terminationGracePeriodSeconds: 300\n", StringComparison.Ordinal));
        await agent.WaitUntilRunningAsync("forced");

        (await agent.PodctlAsync("delete", "pod", "forced", "--force")).Succeeded();

        Assert.DoesNotContain("forced", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Wait_ForConditionPhaseAndDeletion_EndsWithThem()
    {
        await agent.ApplyAsync(PodYaml.Idle("awaited"));
        Assert.Equal("pod/awaited condition met\n", (await agent.PodctlAsync("wait", "--for=condition=Ready", "pod/awaited")).Succeeded());
        Assert.Equal("pod/awaited condition met\n", (await agent.PodctlAsync("wait", "--for=phase=Running", "pod/awaited")).Succeeded());

        using LineReader deletion = agent.PodctlStart("wait", "--for=delete", "pod/awaited");
        (await agent.PodctlAsync("delete", "pod", "awaited", "--wait=false")).Succeeded();

        Assert.Equal(0, await deletion.EndAsync());
        Assert.DoesNotContain("awaited", await agent.PodNamesAsync());
    }

    [Fact]
    public async Task Wait_InVain_FailsAfterItsTimeout()
    {
        await agent.ApplyAsync(PodYaml.Idle("unready", "readinessProbe: {exec: {command: [\"false\"]}, periodSeconds: 1}"));

        CommandResult result = await agent.PodctlAsync("wait", "--for=condition=Ready", "--timeout=1s", "pod/unready");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("timed out waiting", result.Error, StringComparison.Ordinal);
    }
}
