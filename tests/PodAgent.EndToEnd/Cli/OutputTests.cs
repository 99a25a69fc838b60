using System.Text.Json;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>What podctl prints about pods, and its exit codes.</summary>
public sealed class OutputTests(AgentFixture agent) : IClassFixture<AgentFixture>, IAsyncLifetime
{
    public async Task InitializeAsync()
    {
        await agent.ApplyAsync(PodYaml.Idle("shown", "env: [{name: COLOUR, value: blue}]\nresources: {limits: {memory: 32Mi}}"));
        await agent.WaitUntilRunningAsync("shown");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Get_Json_IsKubernetesJson()
    {
        using var one = JsonDocument.Parse((await agent.PodctlAsync("get", "pod", "shown", "-o", "json")).Succeeded());
        JsonElement pod = one.RootElement;

        Assert.Equal("v1", pod.GetProperty("apiVersion").GetString());
        Assert.Equal("Pod", pod.GetProperty("kind").GetString());
        Assert.Equal("32Mi", pod.GetProperty("spec").GetProperty("containers")[0].GetProperty("resources").GetProperty("limits").GetProperty("memory").GetString());
        Assert.Equal("Running", pod.GetProperty("status").GetProperty("phase").GetString());
        Assert.Equal(JsonValueKind.String, pod.GetProperty("metadata").GetProperty("creationTimestamp").ValueKind);
    }

    [Fact]
    public async Task Get_YamlOfAPod_CanBeAppliedAgainUnchanged()
    {
        string yaml = (await agent.PodctlAsync("get", "pod", "shown", "-o", "yaml")).Succeeded();

        Assert.StartsWith("apiVersion: v1\nkind: Pod\nmetadata:\n", yaml, StringComparison.Ordinal);
        Assert.Equal("pod/shown unchanged\n", (await agent.PodctlWithInputAsync(yaml, "apply", "-f", "-")).Succeeded());
    }

    [Fact]
    public async Task Get_NameAndWide_AreTables()
    {
        Pod pod = await agent.WaitUntilRunningAsync("shown");

        Assert.Equal("pod/shown\n", (await agent.PodctlAsync("get", "pods", "shown", "-o", "name")).Succeeded());
        string[] wide = (await agent.PodctlAsync("get", "pods", "-o", "wide")).Succeeded().Split('\n');
        Assert.Matches("^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE", wide[0]);
        Assert.Matches(
            $"^shown +1/1 +Running +0 +[0-9a-z]+ +{pod.Status.PodIP.Replace(".", "\\.", StringComparison.Ordinal)} +node-e2e",
            Assert.Single(wide, line => line.StartsWith("shown ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Get_WatchInAPipe_PrintsEachChangeWithoutEscapes()
    {
        using LineReader watch = agent.PodctlStart("get", "pods", "-w");
        await watch.UntilAsync(line => line.StartsWith("shown ", StringComparison.Ordinal));

        await agent.ApplyAsync(PodYaml.Shell("watched", "exit 0", spec: "restartPolicy: Never"));
        await watch.UntilAsync(line => line.StartsWith("watched ", StringComparison.Ordinal) && line.Contains(" Completed ", StringComparison.Ordinal));

        Assert.DoesNotContain(watch.Seen, line => line.Contains('\u001b', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("get", "pods")]
    [InlineData("describe", "pod", "shown")]
    [InlineData("events")]
    [InlineData("images")]
    [InlineData("version")]
    public async Task Output_IntoAPipe_HasNoEscapes(params string[] arguments) =>
        Assert.DoesNotContain("\u001b", (await agent.PodctlAsync(arguments)).Succeeded(), StringComparison.Ordinal);

    [Fact]
    public async Task Output_IntoAPipeThatCloses_EndsQuietly()
    {
        await agent.ApplyAsync(PodYaml.Shell("chatty", "while true; do echo tick; usleep 20000; done"));
        await agent.WaitUntilRunningAsync("chatty");

        CommandResult result = await agent.BashAsync("podctl logs -f chatty | head -n 1; exit ${PIPESTATUS[0]}");

        // As for any program that SIGPIPE ends.
        Assert.Equal((141, "tick\n", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task Output_OnATerminalWithNoColor_HasNoEscapes()
    {
        using LineReader terminal = agent.TerminalStart("NO_COLOR=1 podctl get pods");
        Assert.Equal(0, await terminal.EndAsync());

        Assert.Contains(terminal.Seen, line => line.StartsWith("shown ", StringComparison.Ordinal));
        Assert.DoesNotContain(terminal.Seen, line => line.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Describe_Pod_SaysWhatAPersonAsks()
    {
        Pod pod = await agent.WaitUntilRunningAsync("shown");

        string text = (await agent.PodctlAsync("describe", "pod", "shown")).Succeeded();

        Assert.Matches("(?m)^Name: +shown$", text);
        Assert.Matches("(?m)^Node: +node-e2e", text);
        Assert.Matches("(?m)^Status: +Running$", text);
        Assert.Matches("(?m)^ +State: +Running$", text);
        Assert.Matches("(?m)^ +Restart Count: +0$", text);
        Assert.Matches("(?m)^ +memory: +32Mi$", text);
        Assert.Matches("(?m)^ +COLOUR: +blue$", text);
        Assert.Contains(pod.Status.ContainerStatuses[0].ContainerID, text, StringComparison.Ordinal);
        Assert.Matches("(?m)^ +Normal +Started .* Started container c$", text);
    }

    [Fact]
    public async Task Events_ForAPod_AreOnlyItsOwn()
    {
        await agent.ApplyAsync(PodYaml.Idle("other"));
        await agent.WaitUntilRunningAsync("other");

        string events = (await agent.PodctlAsync("events", "--for", "pod/shown")).Succeeded();

        Assert.Contains("Pod/shown", events, StringComparison.Ordinal);
        Assert.DoesNotContain("Pod/other", events, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "get", "pod", "nobody" }, "pods \"nobody\" not found")]
    [InlineData(new[] { "describe", "pod", "nobody" }, "\"nobody\" not found")]
    [InlineData(new[] { "delete", "pod", "nobody" }, "\"nobody\" not found")]
    [InlineData(new[] { "logs", "nobody" }, "\"nobody\" not found")]
    [InlineData(new[] { "exec", "nobody", "--", "true" }, "\"nobody\" not found")]
    [InlineData(new[] { "get", "deployments" }, "no resource type \"deployments\"")]
    [InlineData(new[] { "frobnicate" }, "unknown command \"frobnicate\" for \"podctl\"")]
    [InlineData(new[] { "logs", "shown", "-c", "nope" }, "container nope")]
    [InlineData(new[] { "exec", "shown", "-c", "nope", "--", "true" }, "container nope")]
    [InlineData(new[] { "exec", "shown" }, "at least one command")]
    public async Task Mistake_IsNamedAndFails(string[] arguments, string part)
    {
        CommandResult result = await agent.PodctlAsync(arguments);

        Assert.Contains(part, result.Failed(), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Socket_OfNobody_AsksWhetherTheAgentRuns()
    {
        CommandResult result = await agent.PodctlAsync("--socket", "/nowhere/podagent.sock", "get", "pods");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("error: cannot connect to \"unix:///nowhere/podagent.sock\": no such file or directory; is podagent running?\n", result.Error);
    }
}
