using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Input;

/// <summary>Manifests that podctl and the agent refuse: every cause is named, and nothing exists afterwards.</summary>
public sealed class ApplyErrorTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Apply_BrokenYaml_NamesLineAndColumn()
    {
        string error = await RefusedAsync("apiVersion: v1\nkind: [Pod\nmetadata: {}\n");

        Assert.Contains("standard input:2:7: ", error, StringComparison.Ordinal);
        Assert.Contains("invalid YAML", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_UnknownFields_AreAllNamedWithPlaceAndSuggestion()
    {
        string error = await RefusedAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: typo
            spec:
              containers:
                - name: a
                  imgae: busybox
                  command: sleep
              restrtPolicy: Never
            """);

        Assert.Contains("standard input:8:7: spec.containers[0].imgae: unknown field, did you mean \"image\"?", error, StringComparison.Ordinal);
        Assert.Contains("standard input:9:16: spec.containers[0].command: expected list, got string \"sleep\"", error, StringComparison.Ordinal);
        Assert.Contains("standard input:10:3: spec.restrtPolicy: unknown field, did you mean \"restartPolicy\"?", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_SeveralInvalidValues_AreReportedTogether()
    {
        string error = await RefusedAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: X_
            spec:
              containers:
                - name: a
                  image: busybox
                  imagePullPolicy: Sometimes
                - name: a
                  image: busybox
                  ports: [{containerPort: 99999}]
            """);

        Assert.Contains("The Pod \"X_\" is invalid:", error, StringComparison.Ordinal);
        Assert.Contains("* metadata.name: Invalid value: \"X_\"", error, StringComparison.Ordinal);
        Assert.Contains("* spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\"", error, StringComparison.Ordinal);
        Assert.Contains("* spec.containers[1].name: Duplicate value: \"a\"", error, StringComparison.Ordinal);
        Assert.Contains("* spec.containers[1].ports[0].containerPort: Invalid value: 99999", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_OtherKind_IsNamed() =>
        Assert.Contains("Deployment", await RefusedAsync("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Apply_NoFile_NamesIt()
    {
        CommandResult result = await agent.PodctlAsync("apply", "-f", "/nowhere/pod.yaml");

        Assert.Contains("/nowhere/pod.yaml", result.Failed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NameTaken_IsRefusedAndLeavesTheFirst()
    {
        (await agent.PodctlAsync("run", "twice", "--image", PodYaml.Busybox, "--", "sleep", "infinity")).Succeeded();
        string uid = (await agent.WaitUntilRunningAsync("twice")).Metadata.Uid;

        string error = (await agent.PodctlAsync("run", "twice", "--image", PodYaml.Busybox, "--", "sleep", "infinity")).Failed();

        Assert.Contains("pods \"twice\" already exists", error, StringComparison.Ordinal);
        Assert.Equal(uid, (await agent.WaitUntilRunningAsync("twice")).Metadata.Uid);
        (await agent.PodctlAsync("delete", "pod", "twice", "--force")).Succeeded();
    }

    private async Task<string> RefusedAsync(string manifest)
    {
        IReadOnlyList<string> before = await agent.PodNamesAsync();
        CommandResult result = await agent.PodctlWithInputAsync(manifest, "apply", "-f", "-");
        Assert.Equal("", result.Output);
        Assert.Equal(before, await agent.PodNamesAsync());
        return result.Failed();
    }
}
