using System.Net;
using PodAgent.Pods.Events;
using PodAgent.Pods.Probes;
using PodAgent.Pods.Tests.Fakes;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Probes;

/// <summary>What an HTTP probe makes of answers, which are the container's to choose.</summary>
public sealed class HttpProberTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(200, null, true, "HTTP probe succeeded with statuscode: 200")]
    [InlineData(399, null, true, "HTTP probe succeeded with statuscode: 399")]
    [InlineData(302, null, true, "HTTP probe succeeded with statuscode: 302")]
    [InlineData(302, "http://elsewhere/", true, "HTTP probe succeeded with statuscode: 302")]
    [InlineData(302, "/again", false, "Get \"http://10.0.0.1/again\": stopped after 10 redirects")]
    [InlineData(302, "ftp://10.0.0.1/", false, "Get \"ftp://10.0.0.1/\": unsupported protocol scheme \"ftp\"")]
    [InlineData(302, "//[bad", false, "Get \"http://10.0.0.1/ready\": failed to parse Location header \"//[bad\"")]
    [InlineData(404, "/again", false, "HTTP probe failed with statuscode: 404")]
    public async Task Get_AnswerOfTheContainer_IsJudged(int status, string? location, bool succeeds, string message)
    {
        using var prober = new HttpProber(_time, new Answering(_ => Answer(status, location)));

        ProbeAnswer answer = await prober.GetAsync(Get(), "10.0.0.1", 80, TimeSpan.FromSeconds(1), CancellationToken.None);

        Assert.Equal((succeeds ? ProbeResult.Success : ProbeResult.Failure, message), (answer.Result, answer.Message));
    }

    [Fact]
    public async Task Worker_TryThatThrows_IsReportedAndTheProbeGoesOn()
    {
        bool broken = true;
        using var http = new HttpProber(_time, new Answering(_ => broken ? throw new InvalidOperationException("out of order") : Answer(200, null)));
        var events = new EventRecorder(_time, "node1");
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Core.Pod pod = Make.New();
        var worker = new ProbeWorker(
            new ProbeTarget(pod, pod.Spec.Containers[0], false, "id", _time.GetUtcNow(), "10.0.0.1"),
            ProbeKind.Readiness, new Core.Probe { PeriodSeconds = 10, Handler = new Core.ProbeHandler { HttpGet = Get() } }, passed: false,
            new ProbeRunner(null!, http, null!, _time), events, _time, passed.SetResult);

        worker.Start(Task.CompletedTask);
        await Eventually.TrueAsync(() => events.List("", "").Count > 0);
        Assert.Equal("Readiness probe errored and resulted in unknown state: out of order", Assert.Single(events.List("", "")).Message);
        broken = false;
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return passed.Task.IsCompleted;
        });

        Assert.Equal(ProbeResult.Success, worker.Verdict);
        worker.Stop();
    }

    private static Core.HTTPGetAction Get() => new() { Path = "/ready", Scheme = "HTTP", Port = new PodAgent.Api.IntStr.IntOrString { IntVal = 80 } };

    private static HttpResponseMessage Answer(int status, string? location)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status);
        if (location is not null)
        {
            answer.Headers.TryAddWithoutValidation("Location", location);
        }

        return answer;
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
