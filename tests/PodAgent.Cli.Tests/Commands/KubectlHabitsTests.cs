using PodAgent.Api.Core;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Commands;

/// <summary>What people who know kubectl type without thinking: outputs, completion, slips of the finger.</summary>
public sealed class KubectlHabitsTests : IAsyncLifetime
{
    private FakeAgent _agent = null!;

    public async Task InitializeAsync()
    {
        _agent = await FakeAgent.StartAsync();
        _agent.Pods.Pods.Add(Manifest.Pod(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: default, labels: {app: shop}}
            spec: {containers: [{name: a, image: "x:1"}, {name: b, image: "y:2"}]}
            status: {phase: Running, podIP: 10.0.0.2}
            """));
        _agent.Pods.Pods.Add(Manifest.Pod(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: db, namespace: default}
            spec: {containers: [{name: c, image: "z:3"}]}
            status: {phase: Pending}
            """));
    }

    public async Task DisposeAsync() => await _agent.DisposeAsync();

    [Theory]
    [InlineData("get pod web -o jsonpath={.status.podIP}", "10.0.0.2")]
    [InlineData("get pods -o jsonpath={.items[*].metadata.name}", "db web")]
    [InlineData("get pods -o custom-columns=NAME:.metadata.name,IMAGES:.spec.containers[*].image,IP:.status.podIP", "NAME   IMAGES    IP\ndb     z:3       <none>\nweb    x:1,y:2   10.0.0.2\n")]
    [InlineData("get pods -o custom-columns=N:metadata.name --no-headers --sort-by=.status.phase", "db\nweb\n")]
    [InlineData("get pods -o name --sort-by={.spec.containers[0].image}", "pod/web\npod/db\n")]
    public async Task Get_Outputs_AreKubectls(string line, string expected) =>
        Assert.Equal(expected, (await _agent.RunAsync(line.Split(' '))).Quietly());

    [Fact]
    public async Task Get_ShowLabels_AddsAColumn() =>
        Assert.Matches("^NAME .* LABELS\ndb .* <none>\nweb .* app=shop\n$", (await _agent.RunAsync("get", "pods", "--show-labels")).Quietly());

    [Theory]
    [InlineData("get pods -o jsonpath", "error: -o jsonpath needs a template, as in -o jsonpath='{.metadata.name}'\n")]
    [InlineData("get pods -o jsonpath={.items", "error: invalid -o jsonpath: a brace is not closed in \"{.items\"\n")]
    [InlineData("get pods -o xml", "error: unable to match a printer suitable for the output format \"xml\", allowed formats are: json, yaml, name, wide, jsonpath=TEMPLATE, custom-columns=HEADING:PATH,...\n")]
    [InlineData("gte pods", "error: unknown command \"gte\" for \"podctl\", did you mean \"get\"?\nSee 'podctl --help' for usage.\n")]
    [InlineData("get pods --all-namespace", "error: unknown flag: --all-namespace, did you mean \"--all-namespaces\"?\nSee 'podctl get --help' for usage.\n")]
    public async Task Mistakes_AreNamedWithWhatWasMeant(string line, string error) => (await _agent.RunAsync(line.Split(' '))).Failed(1, error);

    [Theory]
    [InlineData("l", "logs")]
    [InlineData("get|", "events,images,pods")]
    [InlineData("get|pods|w", "web")]
    [InlineData("get|pod/", "pod/db,pod/web")]
    [InlineData("logs|", "db,web")]
    [InlineData("logs|web|-c|", "a,b")]
    [InlineData("logs|web|--container=", "--container=a,--container=b")]
    [InlineData("exec|-it|web|--|l", "")]
    [InlineData("run|x|--restart|O", "OnFailure")]
    [InlineData("get|pods|--no-h", "--no-headers")]
    [InlineData("delete|pods|-n|d", "default")]
    [InlineData("completion|", "bash,fish,zsh")]
    [InlineData("image|i", "import,inspect")]
    public async Task Complete_Words_OffersWhatFits(string words, string expected)
    {
        string[] candidates = (await _agent.RunAsync(["__complete", "--", .. words.Split('|')])).Quietly().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(expected, string.Join(',', candidates));
    }

    [Fact]
    public async Task Complete_WithoutAnAgent_IsQuietAndQuick() =>
        Assert.Equal("", (await _agent.RunAsync("--socket", "/nowhere/x.sock", "__complete", "--", "logs", "")).Quietly());

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_Scripts_AskPodctl(string shell) =>
        Assert.Contains("podctl __complete --", (await _agent.RunAsync("completion", shell)).Quietly(), StringComparison.Ordinal);

    [Fact]
    public async Task Help_OfACommand_EndsWithExamples() =>
        Assert.Contains("Examples:\n  podctl top web\n", (await _agent.RunAsync("top", "--help")).Quietly(), StringComparison.Ordinal);
}
