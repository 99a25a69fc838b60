using System.Text.Json;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Commands;

/// <summary>ps, stats, top and inspect, against a runtime that has one pod but no engine that knows it.</summary>
public sealed class RuntimeCommandsTests : IAsyncLifetime
{
    private FakeAgent _agent = null!;

    public async Task InitializeAsync() => _agent = await FakeAgent.StartAsync();

    public async Task DisposeAsync() => await _agent.DisposeAsync();

    [Fact]
    public async Task Ps_ShowsWhatRuns()
    {
        string[] lines = (await _agent.RunAsync("ps")).Quietly().Split('\n');

        Assert.Matches("^CONTAINER ID +IMAGE +CREATED +STATE +NAME +ATTEMPT +POD ID +POD +NAMESPACE$", lines[0]);
        Assert.Matches("^c1aaaaaaaaaaa +x:1 +.* ago +Running +main +0 +s1ccccccccccc +web +default$", lines[1]);
        Assert.Equal(3, lines.Length);
    }

    [Theory]
    [InlineData("ps -a -q", "c1aaaaaaaaaaa\nc2bbbbbbbbbbb\n")]
    [InlineData("ps -aq --no-trunc web", "c1aaaaaaaaaaaaaaaaaa\nc2bbbbbbbbbbbbbbbbbb\n")]
    [InlineData("ps -aq other", "")]
    [InlineData("ps -aq -n other", "")]
    [InlineData("ps -aq -l io.kubernetes.pod.name=web", "c1aaaaaaaaaaa\nc2bbbbbbbbbbb\n")]
    public async Task Ps_Filters_Narrow(string line, string expected) => Assert.Equal(expected, (await _agent.RunAsync(line.Split(' '))).Quietly());

    [Fact]
    public async Task Stats_OfPods_CountsOverTheInterval() => Assert.Equal(
        "POD   CPU %   MEM     LIMIT   MEM %   NET RX   NET TX   PIDS\nweb   50.0    16MiB   64MiB   25.0    2.0KiB   512B     3\n",
        (await _agent.RunAsync("stats", "--no-stream", "--interval=10ms")).Quietly());

    [Fact]
    public async Task Stats_OfContainers_HasNoColumnsOfThePod() => Assert.Equal(
        "NAMESPACE   POD   CONTAINER   CPU %   MEM     LIMIT   MEM %\ndefault     web   main        50.0    16MiB   64MiB   25.0\n",
        (await _agent.RunAsync("stats", "-A", "--containers", "--no-stream", "--interval=10ms")).Quietly());

    [Fact]
    public async Task Stats_OfAPodThatIsNotThere_Fails() =>
        (await _agent.RunAsync("stats", "nope", "--no-stream")).Failed(1, "Error from podagent (NotFound): pod \"nope\" does not run on this node\n");

    [Fact]
    public async Task Top_ShowsBothIdsAndOneLineEach()
    {
        string[] lines = (await _agent.RunAsync("top", "web")).Quietly().Split('\n');

        Assert.Matches("^CONTAINER +PID +HOST PID +USER +STATE +%CPU +TIME +RSS +ELAPSED +COMMAND$", lines[0]);
        Assert.Matches("^<pause> +4241 +4241 +root +S .*\\[pause\\]$", lines[1]);
        Assert.Matches("^main +1 +4242 +nobody +S +[0-9.]+ +1:03 +3.0MiB .*httpd -f two lines$", lines[2]);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task Top_OfAnUnknownContainer_NamesThoseThere() =>
        (await _agent.RunAsync("top", "web", "-c", "nope")).Failed(1, "error: container nope not found in pod web; it has main, prepare\n");

    [Theory]
    [InlineData("inspect c1")]
    [InlineData("inspect web -c main")]
    public async Task Inspect_AContainer_HasStatusInfoAndNamespaces(string line)
    {
        using var json = JsonDocument.Parse((await _agent.RunAsync(line.Split(' '))).Quietly());
        JsonElement container = json.RootElement;

        Assert.Equal("CONTAINER_RUNNING", container.GetProperty("status").GetProperty("state").GetString());
        Assert.Equal("/var/log/pods/x/0.log", container.GetProperty("status").GetProperty("logPath").GetString());
        Assert.Equal("sleep", container.GetProperty("info").GetProperty("args")[0].GetString());
        Assert.Equal("not JSON", container.GetProperty("note").GetString());
        Assert.StartsWith("net:[", container.GetProperty("namespaces").GetProperty("net").GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_APod_HasItsSandboxAndContainers()
    {
        using var json = JsonDocument.Parse((await _agent.RunAsync("inspect", "web")).Quietly());

        Assert.Equal("podagent/pod1", json.RootElement.GetProperty("sandbox").GetProperty("info").GetProperty("cgroup").GetString());
        Assert.Equal(
            ["prepare", "main"],
            json.RootElement.GetProperty("containers").EnumerateArray().Select(container => container.GetProperty("status").GetProperty("metadata").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Inspect_SeveralAsYaml_IsAList() =>
        Assert.Matches("^- status:\n(.|\n)*\n- status:\n", (await _agent.RunAsync("inspect", "c1", "c2", "-o", "yaml")).Quietly());

    [Theory]
    [InlineData("inspect nope", "Error from podagent (NotFound): no pod, sandbox or container \"nope\"\n")]
    [InlineData("inspect c", "error: several IDs begin with c: c1aaaaaaaaaaaaaaaaaa, c2bbbbbbbbbbbbbbbbbb\n")]
    public async Task Inspect_WhatIsNotThere_Fails(string line, string error) => (await _agent.RunAsync(line.Split(' '))).Failed(1, error);
}
