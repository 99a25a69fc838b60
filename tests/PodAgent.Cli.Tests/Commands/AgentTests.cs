using System.Diagnostics;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Win32.SafeHandles;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Cli.Tests.Support;
using PodAgent.Linux;
using PodAgent.Linux.Terminals;
using Manifest = PodAgent.Cli.Tests.Support.Manifest;

namespace PodAgent.Cli.Tests.Commands;

/// <summary>podctl as a program of its own, with pipes, against an agent that only pretends: text, streams and exit codes.</summary>
public sealed class AgentTests : IAsyncLifetime
{
    private const string Up = "ready: true, containerID: 'podagent://c1', state: {running: {startedAt: '2020-01-01T00:00:00Z'}}";

    private FakeAgent _agent = null!;

    public async Task InitializeAsync()
    {
        _agent = await FakeAgent.StartAsync();
        _agent.Pods.Pods.Add(Manifest.Pod(
            "nodeName: node-1, containers: [{name: a, image: x}, {name: b, image: x}]",
            $"phase: Running, podIP: 10.88.0.2, containerStatuses: [{{name: a, {Up}}}, {{name: b, state: {{waiting: {{reason: CrashLoopBackOff}}}}}}]",
            "name: web, namespace: default, labels: {app: web}, creationTimestamp: '2000-01-01T00:00:00Z'"));
        _agent.Pods.Pods.Add(Manifest.Pod(
            "containers: [{name: main, image: x}]", $"phase: Running, containerStatuses: [{{name: main, {Up}}}]",
            "name: db, namespace: prod, creationTimestamp: '2000-01-01T00:00:00Z'"));
    }

    public async Task DisposeAsync() => await _agent.DisposeAsync();

    [Fact]
    public async Task GetPods_InTheDefaultNamespace_PrintsItsTable()
    {
        string[] lines = await LinesAsync("get", "pods");

        Assert.Equal(2, lines.Length);
        Assert.Equal("NAME   READY   STATUS             RESTARTS   AGE", lines[0]);
        Assert.Matches("^web    1/2     CrashLoopBackOff   0          [0-9]+y$", lines[1]);
    }

    [Fact]
    public async Task GetPods_WideOfAllNamespaces_SortsAndAddsColumns()
    {
        string[] lines = await LinesAsync("get", "pods", "-A", "-o", "wide");

        Assert.Equal("NAMESPACE   NAME   READY   STATUS             RESTARTS   AGE   IP          NODE", lines[0]);
        Assert.Matches("^default     web    1/2     CrashLoopBackOff   0          [0-9]+y   10.88.0.2   node-1$", lines[1]);
        Assert.Matches("^prod        db     1/1     Running            0          [0-9]+y   <none>      <none>$", lines[2]);
    }

    [Fact]
    public async Task GetPods_WithoutHeaders_PrintsRowsAlone() =>
        Assert.StartsWith("web ", Assert.Single(await LinesAsync("get", "pods", "--no-headers")), StringComparison.Ordinal);

    [Fact]
    public async Task GetPods_ByName_PrintsNames() => Assert.Equal(["pod/db", "pod/web"], (await LinesAsync("get", "pods", "-A", "-o", "name")).Order());

    [Fact]
    public async Task GetPods_Json_IsAListAndOneNameIsOneObject()
    {
        using var list = JsonDocument.Parse((await _agent.RunAsync("get", "pods", "-o", "json")).Quietly());
        using var pod = JsonDocument.Parse((await _agent.RunAsync("get", "pod", "web", "-o", "json")).Quietly());

        Assert.Equal(1, list.RootElement.GetProperty("items").GetArrayLength());
        Assert.Equal("Pod", pod.RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task GetPods_NoneInTheNamespace_SaysSoAndSucceeds() =>
        (await _agent.RunAsync("get", "pods", "-n", "empty")).Failed(0, "No resources found in empty namespace.\n");

    [Fact]
    public async Task GetPods_OneOfTwoNames_PrintsWhatThereIsAndFails()
    {
        PodctlResult result = await _agent.RunAsync("get", "pods", "web", "nope");

        Assert.Equal("Error from podagent (NotFound): pods \"nope\" not found\n", result.Error);
        Assert.Contains("web ", result.Output, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Theory]
    [InlineData("-o json -w", "-o json")]
    [InlineData("-l app=web", "-l")]
    [InlineData("--sort-by=.reason", "--sort-by")]
    [InlineData("some-name", "a name")]
    public async Task GetEvents_WithWhatIsOnlyForPods_IsRefused(string words, string refused) =>
        (await _agent.RunAsync(["get", "events", .. words.Split(' ')])).Failed(1, $"error: {refused} is only for pods, not for events\n");

    [Fact]
    public async Task GetPods_Watched_PrintsEachChangeUnderTheSameHeadings()
    {
        using Process podctl = _agent.Start("get", "pods", "-w");
        string headings = (await podctl.StandardOutput.ReadLineAsync())!;
        string row = (await podctl.StandardOutput.ReadLineAsync())!;
        Pod changed = _agent.Pods.Pods[0].Clone();
        changed.Status.ContainerStatuses[1].State.Waiting.Reason = "Error";
        _agent.Pods.Change(PodWatchEvent.Types.Type.Modified, changed);
        string next = (await podctl.StandardOutput.ReadLineAsync())!;
        podctl.Kill();
        await podctl.WaitForExitAsync();

        Assert.Equal("NAME   READY   STATUS             RESTARTS   AGE", headings);
        Assert.Contains("CrashLoopBackOff", row, StringComparison.Ordinal);
        Assert.StartsWith("web    1/2     Error              0          ", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_Pod_PrintsItWithItsEvents()
    {
        AddEvents();

        string text = (await _agent.RunAsync("describe", "pod", "web")).Quietly();

        Assert.StartsWith("Name: ", text, StringComparison.Ordinal);
        Assert.Contains("Started:", text, StringComparison.Ordinal);
        Assert.Contains("Wed, 01 Jan 2020 00:00:00 +0000\n", text, StringComparison.Ordinal);
        Assert.Contains("Warning  BackOff", text, StringComparison.Ordinal);
        Assert.DoesNotContain("another pod", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_PodThatDoesNotExist_Fails() =>
        (await _agent.RunAsync("describe", "pod", "nope")).Failed(1, "Error from podagent (NotFound): pods \"nope\" not found\n");

    [Fact]
    public async Task Describe_EmptyNamespace_SaysSo() =>
        (await _agent.RunAsync("describe", "pods", "-n", "empty")).Failed(0, "No resources found in empty namespace.\n");

    [Fact]
    public async Task Logs_OfOneContainer_PrintsItsBytes()
    {
        _agent.Pods.Logs["db/main"] = "one\ntwo";

        Assert.Equal("one\ntwo", (await _agent.RunAsync("logs", "db", "-n", "prod", "--tail=2", "--timestamps", "-p")).Quietly());
        ReadLogsRequest request = Assert.Single(_agent.Pods.LogRequests);
        Assert.Equal((2, true, true, "prod"), (request.TailLines, request.Timestamps, request.Previous, request.Namespace));
    }

    [Fact]
    public async Task Logs_OfSeveralContainersWithoutName_TakesTheFirstAndSaysSo()
    {
        _agent.Pods.Logs["web/a"] = "one\n";

        PodctlResult result = await _agent.RunAsync("logs", "web", "--prefix");

        Assert.Equal(new PodctlResult(0, "[pod/web/a] one\n", "Defaulted container \"a\" out of: a, b\n"), result);
    }

    [Fact]
    public async Task Logs_OfAPodWithDefaultContainer_TakesIt()
    {
        _agent.Pods.Pods[0].Metadata.Annotations["kubectl.kubernetes.io/default-container"] = "b";
        _agent.Pods.Logs["web/b"] = "from b\n";

        Assert.Equal("from b\n", (await _agent.RunAsync("logs", "web")).Quietly());
    }

    [Fact]
    public async Task Logs_OfAllContainers_PrintsOneAfterTheOther()
    {
        _agent.Pods.Logs["web/a"] = "from a\n";
        _agent.Pods.Logs["web/b"] = "from b\n";

        Assert.Equal("from a\nfrom b\n", (await _agent.RunAsync("logs", "web", "--all-containers")).Quietly());
    }

    [Fact]
    public async Task Logs_FollowedByAReaderThatGoesAway_Ends()
    {
        _agent.Pods.Logs["db/main"] = "again\n";
        using Process podctl = _agent.Start("logs", "-f", "db", "-n", "prod");
        await podctl.StandardOutput.ReadLineAsync();

        podctl.StandardOutput.Close();
        await podctl.WaitForExitAsync();

        Assert.Equal(141, podctl.ExitCode);
    }

    [Fact]
    public async Task Events_OfANamespace_AreSortedByTime()
    {
        AddEvents();

        string[] lines = await LinesAsync("events", "-n", "default");

        Assert.Matches("^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$", lines[0]);
        Assert.Matches(@"^[0-9]+y \(x3 over [0-9]+y\) +Warning +BackOff +Pod/web +back-off$", lines[1]);
        Assert.Matches("^[0-9]+y +Normal +Started +Pod/other +another pod$", lines[2]);
    }

    [Fact]
    public async Task Events_ForAPod_AreItsOwn()
    {
        AddEvents();

        Assert.Equal(2, (await LinesAsync("events", "--for", "pod/web")).Length);
    }

    [Fact]
    public async Task Events_WithoutAny_SaysSo() => (await _agent.RunAsync("events")).Failed(0, "No events found in default namespace.\n");

    [Fact]
    public async Task Delete_Pods_AsksForEachAndSaysSo()
    {
        Assert.Equal("pod \"web\" deleted\n", (await _agent.RunAsync("delete", "pod", "web", "--now")).Quietly());

        DeletePodRequest request = Assert.Single(_agent.Pods.Deleted);
        Assert.Equal(("default", "web", 1L, true), (request.Namespace, request.Name, request.GracePeriodSeconds, request.Wait));
    }

    [Fact]
    public async Task Delete_WithoutGracePeriod_LeavesItToThePod()
    {
        (await _agent.RunAsync("delete", "pod/web", "--wait=false")).Quietly();

        DeletePodRequest request = Assert.Single(_agent.Pods.Deleted);
        Assert.False(request.HasGracePeriodSeconds);
        Assert.False(request.Wait);
    }

    [Fact]
    public async Task Delete_PodThatDoesNotExist_FailsUnlessThatIsFine()
    {
        (await _agent.RunAsync("delete", "pod", "nope")).Failed(1, "Error from podagent (NotFound): pods \"nope\" not found in namespace \"default\"\n");
        Assert.Equal("", (await _agent.RunAsync("delete", "pod", "nope", "--ignore-not-found")).Quietly());
    }

    [Fact]
    public async Task Delete_BySelector_TakesThoseThatMatch()
    {
        Assert.Equal("pod \"web\" deleted\n", (await _agent.RunAsync("delete", "pods", "-l", "app=web")).Quietly());
        (await _agent.RunAsync("delete", "pods", "-l", "app=none")).Failed(0, "No resources found\n");
    }

    [Theory]
    [InlineData("delete pod web -l app=db", "error: name cannot be provided when a selector or --all is specified\n")]
    [InlineData("delete pod web --all", "error: name cannot be provided when a selector or --all is specified\n")]
    [InlineData("delete pods", "error: say which pods: names, -l, --all or -f\n")]
    public async Task Delete_WithoutClearTargets_DeletesNothing(string line, string error)
    {
        (await _agent.RunAsync(line.Split(' '))).Failed(1, error);

        Assert.Empty(_agent.Pods.Deleted);
    }

    [Fact]
    public async Task Apply_FromStandardInput_SendsThePodAndPrintsWarnings()
    {
        _agent.Pods.Warnings = ["spec.serviceAccountName has no effect here"];
        PodctlResult result = await _agent.RunAsync(ManifestOf("new"), ["apply", "-f", "-", "-n", "prod"]);

        Assert.Equal(new PodctlResult(0, "pod/new created\n", "Warning: spec.serviceAccountName has no effect here\n"), result);
        Assert.Equal("prod", Assert.Single(_agent.Pods.Applied).Pod.Metadata.Namespace);
    }

    [Theory]
    [InlineData("--dry-run")]
    [InlineData("--dry-run=server")]
    [InlineData("--dry-run=client")]
    public async Task Apply_DryRun_OnlyAsks(string option)
    {
        Assert.Equal("pod/web configured (dry run)\n", (await _agent.RunAsync(ManifestOf("web"), ["apply", option, "-f", "-"])).Quietly());
        Assert.True(Assert.Single(_agent.Pods.Applied).DryRun);
    }

    [Fact]
    public async Task Apply_InvalidPod_ListsEveryProblem()
    {
        _agent.Pods.Refusal = new Status(StatusCode.InvalidArgument, "spec.a: Required value\nspec.b: Forbidden");

        (await _agent.RunAsync(ManifestOf("new"), ["apply", "-f", "-"]))
            .Failed(1, "The Pod \"new\" is invalid:\n* spec.a: Required value\n* spec.b: Forbidden\n");
    }

    [Fact]
    public async Task Apply_NamespaceThatContradictsTheManifest_IsRefused()
    {
        PodctlResult result = await _agent.RunAsync(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: one}\nspec: {containers: []}\n", ["apply", "-n", "two", "-f", "-"]);

        Assert.StartsWith("error: the namespace from the provided object \"one\" does not match the namespace \"two\"", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Run_NewPod_IsCreatedOnly()
    {
        Assert.Equal("pod/hello created\n", (await _agent.RunAsync("run", "hello", "--image=busybox")).Quietly());
        Assert.True(Assert.Single(_agent.Pods.Applied).CreateOnly);
        (await _agent.RunAsync("run", "web", "--image=busybox")).Failed(1, "Error from podagent (AlreadyExists): pods \"web\" already exists\n");
    }

    [Fact]
    public async Task Run_InvalidPod_NamesIt()
    {
        _agent.Pods.Refusal = new Status(StatusCode.InvalidArgument, "metadata.name: Invalid value");

        (await _agent.RunAsync("run", "A_b", "--image=busybox")).Failed(1, "The Pod \"A_b\" is invalid: metadata.name: Invalid value\n");
    }

    [Fact]
    public async Task Exec_Command_JoinsItsStreamsAndReturnsItsExitCode()
    {
        _agent.Containers.ExitCode = 42;

        PodctlResult result = await _agent.RunAsync("hello\n", ["exec", "-i", "db", "-n", "prod", "-u", "nobody", "-e", "A=1", "--", "cat", "-n"]);

        Assert.Equal(new PodctlResult(42, "cat -n\nhello\n", "a complaint\n"), result);
        Assert.Equal("c1", _agent.Containers.Started!.ContainerId);
        Assert.Equal(("nobody", "A=1"), (_agent.Containers.Started.User, Assert.Single(_agent.Containers.Started.Env)));
    }

    [Fact]
    public async Task Exec_TerminalWithoutOne_GoesOnWithout()
    {
        PodctlResult result = await _agent.RunAsync("exec", "-it", "db", "-n", "prod", "--", "true");

        Assert.StartsWith("Unable to use a TTY - input is not a terminal", result.Error, StringComparison.Ordinal);
        Assert.False(_agent.Containers.Started!.Tty);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Exec_AtATerminal_PassesEachKeyOnAndEchoesNone()
    {
        (Fd leader, Fd follower) = PseudoTerminals.Open();
        using (leader)
        using (follower)
        {
            PseudoTerminals.SetSize(follower, 90, 30);
            using Process podctl = _agent.StartAt($"/proc/{Environment.ProcessId}/fd/{follower.Number}", "exec", "-it", "db", "-n", "prod", "--", "keys");
            await using var terminal = new FileStream(new SafeFileHandle(leader.Number, ownsHandle: false), FileAccess.ReadWrite, bufferSize: 0);

            Assert.Equal("keys\n", await ReadAsync(terminal, 5));
            await terminal.WriteAsync("x"u8.ToArray());
            Assert.Equal("x", await ReadAsync(terminal, 1));
            await terminal.WriteAsync("\u0003q"u8.ToArray());
            await podctl.WaitForExitAsync();

            Assert.Equal(0, podctl.ExitCode);
            Assert.Equal("x\u0003q", _agent.Containers.Input);
            Assert.Equal((true, 90u, 30u), (_agent.Containers.Started!.Tty, _agent.Containers.Started.Size.Columns, _agent.Containers.Started.Size.Rows));
        }

        static async Task<string> ReadAsync(Stream terminal, int count)
        {
            byte[] bytes = new byte[count];
            await terminal.ReadExactlyAsync(bytes);
            return System.Text.Encoding.UTF8.GetString(bytes);
        }
    }

    [Theory]
    [InlineData("exec web -c b -- true", "error: container b of pod web is not running: CrashLoopBackOff\n")]
    [InlineData("exec web -c none -- true", "error: container none not found in pod web; it has a, b\n")]
    [InlineData("exec web ls -la", "error: unknown flag: -la; write the words for the container after --\n")]
    [InlineData("exec web", "error: you must specify at least one command for the container, after --\n")]
    [InlineData("exec nope -- true", "Error from podagent (NotFound): pods \"nope\" not found in namespace \"default\"\n")]
    public async Task Exec_Nowhere_SaysWhy(string line, string error) => (await _agent.RunAsync(line.Split(' '))).Failed(1, error);

    [Fact]
    public async Task Wait_ForWhatHoldsAlready_ReturnsAtOnce() =>
        Assert.Equal("pod/web condition met\n", (await _agent.RunAsync("wait", "--for=phase=Running", "pod/web")).Quietly());

    [Fact]
    public async Task Wait_ForWhatDoesNotCome_TimesOut() =>
        (await _agent.RunAsync("wait", "--for=condition=Ready", "pod/web", "--timeout=50ms"))
            .Failed(1, "error: timed out waiting for the condition on pods/web\n");

    [Fact]
    public async Task Wait_ForDeletion_ReturnsWhenThePodGoes()
    {
        using Process podctl = _agent.Start("wait", "--for=delete", "pod/web", "--timeout=60s");
        _agent.Pods.Change(PodWatchEvent.Types.Type.Deleted, _agent.Pods.Pods[0]);

        Assert.Equal("pod/web deleted", await podctl.StandardOutput.ReadLineAsync());
        await podctl.WaitForExitAsync();
        Assert.Equal(0, podctl.ExitCode);
    }

    [Fact]
    public async Task Images_List_HasARowForEachName()
    {
        AddImage();

        string[] lines = await LinesAsync("images");

        Assert.Equal("IMAGE                    TAG   IMAGE ID        SIZE", lines[0]);
        Assert.Equal("docker.io/library/app    1     0123456789abc   1.5MB", lines[1]);
        Assert.Equal("registry.example:5/app   2     0123456789abc   1.5MB", lines[2]);
        Assert.Equal(["sha256:0123456789abcdef"], await LinesAsync("images", "-q"));
    }

    [Theory]
    [InlineData("images -o json")]
    [InlineData("image ls -o json")]
    [InlineData("get images -o json")]
    public async Task Images_AsJson_AreTheRuntimesAnswer(string words)
    {
        AddImage();

        using var list = JsonDocument.Parse((await _agent.RunAsync(words.Split(' '))).Quietly());

        Assert.Equal("sha256:0123456789abcdef", list.RootElement.GetProperty("images")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task GetImages_ByName_IsRefused() =>
        (await _agent.RunAsync("get", "images", "-o", "name")).Failed(1, "error: -o name is only for pods, not for images\n");

    [Fact]
    public async Task ImageImport_File_SendsItsBytes()
    {
        string file = Path.Combine(_agent.Directory, "app.tar");
        await File.WriteAllBytesAsync(file, new byte[3_000_000]);

        Assert.Equal("Imported docker.io/library/app:1\n", (await _agent.RunAsync("image", "import", file, "--tag", "app:1")).Quietly());
        Assert.Equal((file, "app:1", 3_000_000L), _agent.Images.Imported);
    }

    [Fact]
    public async Task ImageImport_Nothing_SaysWhatTheAgentSays()
    {
        (await _agent.RunAsync("image", "import", "-")).Failed(1, "Error from podagent (InvalidArgument): standard input is not an image archive\n");
        (await _agent.RunAsync("image", "import", "/nonexistent/app.tar")).Failed(1, "error: the path \"/nonexistent/app.tar\" does not exist\n");
    }

    [Fact]
    public async Task ImageRemove_KnownAndUnknown_RemovesTheFirstAndFails()
    {
        AddImage();

        PodctlResult result = await _agent.RunAsync("image", "rm", "docker.io/library/app:1", "registry.example:5/app:2", "other");

        Assert.Equal(new PodctlResult(1, "Untagged: docker.io/library/app:1\nUntagged: registry.example:5/app:2\nDeleted: sha256:0123456789abcdef\n", "Error from podagent (NotFound): image \"other\" not found\n"), result);
        Assert.Empty(_agent.Images.Images);
    }

    [Fact]
    public async Task Version_OfBothSides_IsPrinted() =>
        Assert.Matches("^Client Version: .+\nAgent Version: 1.2.3\nRuntime: podagent 1.2.3\nNode: node-1, kernel 6.1.0, cgroup v2\n$", (await _agent.RunAsync("version")).Quietly());

    [Fact]
    public async Task AnyCommand_WithoutAgent_AsksWhetherItRuns()
    {
        PodctlResult result = await _agent.RunAsync("get", "pods", "--socket", Path.Combine(_agent.Directory, "none.sock"));

        Assert.Matches("^error: cannot connect to \"unix://.*none.sock\": .*; is podagent running\\?\n$", result.Error);
        Assert.Equal(1, result.ExitCode);
    }

    [Theory]
    [InlineData("ftp://somewhere")]
    [InlineData("/a/path/that/is/so/long/that/no/unix/socket/can/have/it/because/the/kernel/keeps/it/in/a/structure/of/one/hundred/and/eight/bytes")]
    public async Task AnyCommand_WithASocketThatCannotBe_SaysSo(string socket)
    {
        PodctlResult result = await _agent.RunAsync("get", "pods", "--socket", socket);

        Assert.StartsWith($"error: cannot use the socket \"{socket}\": ", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Theory]
    [InlineData("get pods --colour", "error: unknown flag: --colour\nSee 'podctl get --help' for usage.\n")]
    [InlineData("frobnicate", "error: unknown command \"frobnicate\" for \"podctl\"\nSee 'podctl --help' for usage.\n")]
    [InlineData("--colour", "error: unknown flag: --colour\nSee 'podctl --help' for usage.\n")]
    [InlineData("image build x", "error: unknown command \"build\" for \"podctl image\"\nSee 'podctl image --help' for usage.\n")]
    [InlineData("logs web --tail=many", "error: invalid argument \"many\" for --tail\nSee 'podctl logs --help' for usage.\n")]
    [InlineData("run hello", "error: Option '--image' is required.\nSee 'podctl run --help' for usage.\n")]
    public async Task AnyCommand_MisspelledCommandLine_LeavesStandardOutputAlone(string line, string error) =>
        (await _agent.RunAsync(line.Split(' '))).Failed(1, error);

    [Theory]
    [InlineData("")]
    [InlineData("image")]
    [InlineData("get --help")]
    public async Task AnyCommand_WithoutVerbOrWithHelp_PrintsItsHelp(string line) =>
        Assert.Contains("Usage:\n  podctl", (await _agent.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Quietly(), StringComparison.Ordinal);

    private static string ManifestOf(string name) =>
        $"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: a\n    image: x\n";

    private async Task<string[]> LinesAsync(params string[] arguments) => (await _agent.RunAsync(arguments)).Quietly().TrimEnd('\n').Split('\n');

    private void AddEvents() => _agent.Pods.Events.AddRange(Manifest.Read<Event>(
        """
        apiVersion: v1
        kind: Event
        metadata: {name: one, namespace: default}
        involvedObject: {kind: Pod, name: other}
        type: Normal
        reason: Started
        message: another pod
        lastTimestamp: "2001-01-01T00:00:01Z"
        ---
        apiVersion: v1
        kind: Event
        metadata: {name: two, namespace: default}
        involvedObject: {kind: Pod, name: web}
        type: Warning
        reason: BackOff
        message: back-off
        count: 3
        firstTimestamp: "2000-01-01T00:00:00Z"
        lastTimestamp: "2001-01-01T00:00:00Z"
        """));

    private void AddImage() => _agent.Images.Images.Add(new Image
    {
        Id = "sha256:0123456789abcdef",
        Size = 1_500_000,
        RepoTags = { "docker.io/library/app:1", "registry.example:5/app:2" },
    });
}
