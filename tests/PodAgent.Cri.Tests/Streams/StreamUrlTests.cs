using System.Net;
using PodAgent.Api.Cri;
using PodAgent.Cri.Streams;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Streams;

/// <summary>What Exec, Attach and PortForward of CRI accept and answer.</summary>
public sealed class StreamUrlTests : IAsyncLifetime
{
    private readonly TestRuntime _runtime = new();
    private string _sandbox = "";
    private string _container = "";

    public async Task InitializeAsync()
    {
        _sandbox = await _runtime.RunAsync();
        _container = await _runtime.RunningAsync(_sandbox);
    }

    [Theory]
    [InlineData(false, false, false, false, "one of stdin, stdout, or stderr must be set")]
    [InlineData(true, true, true, true, "tty and stderr cannot both be true")]
    public async Task Streams_ThatMakeNoSense_AreInvalid(bool stdin, bool stdout, bool stderr, bool tty, string why)
    {
        var exec = new ExecRequest { ContainerId = _container, Cmd = { "sh" }, Stdin = stdin, Stdout = stdout, Stderr = stderr, Tty = tty };
        var attach = new AttachRequest { ContainerId = _container, Stdin = stdin, Stdout = stdout, Stderr = stderr, Tty = tty };
        foreach (Task call in (Task[])[ExecAsync(exec), AttachAsync(attach)])
        {
            AgentException failure = await Assert.ThrowsAsync<AgentException>(() => call);
            Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Missing_Everything_IsSaidAtOnce()
    {
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => AttachAsync(new AttachRequest()));
        Assert.Equal(["missing required container_id", "one of stdin, stdout, or stderr must be set"], failure.Message.Split('\n'));
        Assert.Equal("no command specified", (await Assert.ThrowsAsync<AgentException>(() => ExecAsync(new ExecRequest { ContainerId = _container, Stdout = true }))).Message);
        Assert.Equal("missing required pod_sandbox_id", (await Assert.ThrowsAsync<AgentException>(() => ForwardAsync(new PortForwardRequest()))).Message);
        Assert.Contains("port 0, 70000", (await Assert.ThrowsAsync<AgentException>(
            () => ForwardAsync(new PortForwardRequest { PodSandboxId = _sandbox, Port = { 80, 0, 70000 } }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_ContainerOrSandbox_IsNotFound()
    {
        Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<AgentException>(() => AttachAsync(new AttachRequest { ContainerId = "x", Stdout = true }))).Kind);
        Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<AgentException>(() => ForwardAsync(new PortForwardRequest { PodSandboxId = "x" }))).Kind);
    }

    [Fact]
    public async Task NotRunning_ContainerOrSandbox_IsRefused()
    {
        string created = await _runtime.CreateAsync(_sandbox, "created");
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => ExecAsync(new ExecRequest { ContainerId = created, Cmd = { "sh" }, Stdout = true }));
        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);

        await _runtime.StopSandbox.InvokeAsync(new StopPodSandboxRequest { PodSandboxId = _sandbox }, CancellationToken.None);
        failure = await Assert.ThrowsAsync<AgentException>(() => ForwardAsync(new PortForwardRequest { PodSandboxId = _sandbox }));
        Assert.Contains("is not running", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Url_OfEach_IsOnLoopbackAndWorksOnce()
    {
        string url = (await ExecAsync(new ExecRequest { ContainerId = _container, Cmd = { "sh" }, Stdout = true })).Url;
        Assert.Matches("^http://127\\.0\\.0\\.1:[0-9]+/exec/[A-Za-z0-9_-]{8}$", url);
        Assert.Contains("/attach/", (await AttachAsync(new AttachRequest { ContainerId = _container, Stdout = true })).Url, StringComparison.Ordinal);
        string forward = (await ForwardAsync(new PortForwardRequest { PodSandboxId = _sandbox })).Url;

        using var http = new HttpClient();
        HttpResponseMessage plain = await http.GetAsync(url);
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        Assert.Contains("missing upgrade headers", await plain.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(url)).StatusCode);

        // Another verb's path does not open it, and uses it up.
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync(forward.Replace("portforward", "exec", StringComparison.Ordinal), null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync(forward, null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(new Uri(url), "/"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.PutAsync(url, null)).StatusCode);
    }

    [Fact]
    public async Task Protocol_ThatNobodyKnows_IsForbiddenAndTheKnownOnesAreNamed()
    {
        using var http = new HttpClient();
        string url = (await AttachAsync(new AttachRequest { ContainerId = _container, Stdout = true })).Url;
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Add("X-Stream-Protocol-Version", "v9.channel.k8s.io");
        HttpResponseMessage answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("v4.channel.k8s.io", answer.Headers.GetValues("X-Accepted-Stream-Protocol-Versions"));
    }

    public async Task DisposeAsync()
    {
        await _runtime.Streaming.DisposeAsync();
        _runtime.Dispose();
    }

    private Task<ExecResponse> ExecAsync(ExecRequest request) => new PrepareExec(_runtime.Context, _runtime.Streaming).InvokeAsync(request, CancellationToken.None);

    private Task<AttachResponse> AttachAsync(AttachRequest request) => new PrepareAttach(_runtime.Context, _runtime.Streaming).InvokeAsync(request, CancellationToken.None);

    private Task<PortForwardResponse> ForwardAsync(PortForwardRequest request) =>
        new PreparePortForward(_runtime.Context, _runtime.Streaming).InvokeAsync(request, CancellationToken.None);
}
