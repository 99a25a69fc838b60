using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;
using PodAgent.Rpc.Server;

namespace PodAgent.EndToEnd.Pods;

/// <summary>Probes and hooks over the network, against real servers.</summary>
public sealed class ProbeTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    private const string WebServer = "mkdir -p /www; exec httpd -f -vv -p 8080 -h /www";

    [Fact]
    public async Task HttpReadiness_FollowsTheAnswerOfTheServer()
    {
        await agent.ApplyAsync(PodYaml.Shell(
            "ready", WebServer,
            "ports: [{name: web, containerPort: 8080}]\nreadinessProbe: {httpGet: {path: /ok, port: web, httpHeaders: [{name: X-Probe, value: a}]}, periodSeconds: 1}"));
        Event refused = await agent.WaitForEventAsync(happened => happened.InvolvedObject.Name == "ready" && happened.Message.Contains("404", StringComparison.Ordinal));
        Assert.Equal(("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404"), (refused.Reason, refused.Message));
        Pod pod = await agent.WaitForPodAsync("ready", found => found.Status.Phase == "Running");
        Assert.False(pod.Status.ContainerStatuses[0].Ready);

        (await agent.PodctlAsync("exec", "ready", "--", "touch", "/www/ok")).Succeeded();
        await agent.WaitUntilRunningAsync("ready");

        (await agent.PodctlAsync("exec", "ready", "--", "rm", "/www/ok")).Succeeded();
        pod = await agent.WaitForPodAsync("ready", found => !found.Status.ContainerStatuses[0].Ready);
        Assert.Equal(0, pod.Status.ContainerStatuses[0].RestartCount);
        (await agent.PodctlAsync("delete", "pod", "ready", "--force")).Succeeded();
    }

    [Fact]
    public async Task TcpLiveness_NobodyListens_RestartsTheContainer()
    {
        // The first attempt never listens, the second one does.
        await agent.ApplyAsync(PodYaml.Shell(
            "alive", "if [ -e /kept/again ]; then mkdir -p /www; exec httpd -f -p 9000 -h /www; fi; touch /kept/again; exec sleep infinity",
            "livenessProbe: {tcpSocket: {port: 9000}, periodSeconds: 1, failureThreshold: 1}\nvolumeMounts: [{name: kept, mountPath: /kept}]",
            "volumes: [{name: kept, emptyDir: {}}]"));

        Event refused = await agent.WaitForEventAsync(happened => happened.InvolvedObject.Name == "alive" && happened.Reason == "Unhealthy");
        Assert.Matches("^Liveness probe failed: dial tcp 10\\.[0-9.]+:9000: connection refused$", refused.Message);
        Pod pod = await agent.WaitForPodAsync("alive", found => found.Status.ContainerStatuses is [{ RestartCount: >= 1, State.Running: not null }]);

        Assert.Equal(137, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        (await agent.PodctlAsync("delete", "pod", "alive", "--force")).Succeeded();
    }

    [Fact]
    public async Task TcpStartup_HoldsTheContainerBackUntilItListens()
    {
        await agent.ApplyAsync(PodYaml.Shell(
            "slow", "while [ ! -e /go ]; do usleep 20000; done; mkdir -p /www; exec httpd -f -p 9001 -h /www",
            "startupProbe: {tcpSocket: {port: 9001}, periodSeconds: 1, failureThreshold: 100}"));
        await agent.WaitForEventAsync(happened => happened.InvolvedObject.Name == "slow" && happened.Message.StartsWith("Startup probe failed: dial tcp", StringComparison.Ordinal));
        Pod pod = await agent.WaitForPodAsync("slow", found => found.Status.ContainerStatuses is [{ State.Running: not null }]);
        Assert.False(pod.Status.ContainerStatuses[0].Started);

        (await agent.PodctlAsync("exec", "slow", "--", "touch", "/go")).Succeeded();

        pod = await agent.WaitUntilRunningAsync("slow");
        Assert.True(pod.Status.ContainerStatuses[0].Started);
        (await agent.PodctlAsync("delete", "pod", "slow", "--force")).Succeeded();
    }

    [Fact]
    public async Task GrpcReadiness_FollowsTheHealthOfTheService()
    {
        var health = new HealthService();
        health.SetStatus("shop", HealthCheckResponse.Types.ServingStatus.NotServing);
        var services = new RpcServiceRegistry();
        services.Add(Health.BindService(health));
        const int port = 18397;
        await using var server = new RpcServer(services, new RpcServerOptions(), NullLoggerFactory.Instance,
            kestrel => kestrel.ListenAnyIP(port, listen => listen.Protocols = HttpProtocols.Http2));
        await server.StartAsync(CancellationToken.None);

        // On the node's network, where the server is.
        await agent.ApplyAsync(PodYaml.Idle(
            "grpc", $"readinessProbe: {{grpc: {{port: {port}, service: shop}}, periodSeconds: 1}}", "hostNetwork: true"));
        Event refused = await agent.WaitForEventAsync(happened => happened.InvolvedObject.Name == "grpc" && happened.Reason == "Unhealthy"

            // On a machine with much to do the first probe may not be answered in its second.
            && !happened.Message.Contains("timeout", StringComparison.Ordinal));
        Assert.Equal("Readiness probe failed: service unhealthy (responded with \"NOT_SERVING\")", refused.Message);

        health.SetStatus("shop", HealthCheckResponse.Types.ServingStatus.Serving);
        await agent.WaitUntilRunningAsync("grpc");

        (await agent.PodctlAsync("delete", "pod", "grpc", "--force")).Succeeded();
        await server.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task HttpHooks_ReachTheServerOfThePod()
    {
        // The sidecar listens before the container starts, and until it has ended.
        await agent.ApplyAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: hooked}
            spec:
              terminationGracePeriodSeconds: 5
              initContainers:
                - name: web
                  image: {{{PodYaml.Busybox}}}
                  restartPolicy: Always
                  command: [sh, -c, "{{{WebServer}}}"]
                  startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 100}
              containers:
                - name: c
                  image: {{{PodYaml.Busybox}}}
                  command: [sh, -c, "trap 'exit 0' TERM; sleep infinity & wait"]
                  lifecycle:
                    postStart: {exec: {command: [wget, -qO-, "http://127.0.0.1:8080/"]}}
                    preStop: {httpGet: {path: /stopping, port: 8080} }
            """);
        // The web server has no index page: the hook fails, and its container is started again after it.
        Event failed = await agent.WaitForEventAsync(happened => happened.InvolvedObject.Name == "hooked" && happened.Reason == "FailedPostStartHook");
        Assert.Contains("404", failed.Message, StringComparison.Ordinal);
        (await agent.PodctlAsync("exec", "hooked", "-c", "web", "--", "touch", "/www/index.html")).Succeeded();
        await agent.WaitUntilRunningAsync("hooked");

        using LineReader log = agent.PodctlStart("logs", "-f", "hooked", "-c", "web");
        Task<string> stopping = log.UntilAsync(line => line.EndsWith("url:/stopping", StringComparison.Ordinal));
        (await agent.PodctlAsync("delete", "pod", "hooked")).Succeeded();

        await stopping;
    }

    [Fact]
    public async Task HttpPostStart_BeforeTheContainerCountsAsRunning()
    {
        await agent.ApplyAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: greeter}
            spec:
              terminationGracePeriodSeconds: 1
              initContainers:
                - name: web
                  image: {{{PodYaml.Busybox}}}
                  restartPolicy: Always
                  command: [sh, -c, "mkdir -p /www; touch /www/started; exec httpd -f -vv -p 8080 -h /www"]
                  startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 100}
              containers:
                - name: c
                  image: {{{PodYaml.Busybox}}}
                  command: [sleep, infinity]
                  lifecycle: {postStart: {httpGet: {path: started, port: 8080} } }
            """);

        await agent.WaitUntilRunningAsync("greeter");

        string log = (await agent.PodctlAsync("logs", "greeter", "-c", "web")).Succeeded();
        Assert.Contains("url:/started\n", log, StringComparison.Ordinal);
        (await agent.PodctlAsync("delete", "pod", "greeter", "--force")).Succeeded();
    }

    [Fact]
    public async Task SleepHook_HoldsTheStopSignalBack()
    {
        await agent.ApplyAsync(PodYaml.Shell(
            "sleeper", "trap 'echo signal; exit 0' TERM; echo ready; sleep infinity & wait",
            "lifecycle: {preStop: {sleep: {seconds: 2}}}", "").Replace("terminationGracePeriodSeconds: 1", "terminationGracePeriodSeconds: 20", StringComparison.Ordinal));
        await agent.WaitUntilRunningAsync("sleeper");
        using LineReader log = agent.PodctlStart("logs", "-f", "sleeper");
        await log.UntilAsync(line => line == "ready");

        var watch = System.Diagnostics.Stopwatch.StartNew();
        Task<CommandResult> deletion = agent.PodctlAsync("delete", "pod", "sleeper");
        await log.UntilAsync(line => line == "signal");

        // Not before; how long after is not promised.
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(2), $"the signal came after {watch.Elapsed}");
        (await deletion).Succeeded();
    }
}
