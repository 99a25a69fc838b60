using System.Net;
using System.Net.Sockets;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Input;

/// <summary>Pods that are well formed and cannot run: status and events name the cause.</summary>
public sealed class PodFailureTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Image_Missing_IsVisibleInTableAndEvents()
    {
        await agent.ApplyAsync(PodYaml.Of("no-image", "command: [sleep, infinity]", image: "registry.invalid/nothing:1"));
        await agent.WaitUntilWaitingAsync("no-image", "ErrImagePull", "ImagePullBackOff");

        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "no-image" && e.Reason == "Failed" && e.Message.StartsWith("Failed to pull", StringComparison.Ordinal));
        Assert.Contains("registry.invalid/nothing:1", failed.Message, StringComparison.Ordinal);
        Assert.Matches("no-image +0/1 +(ErrImagePull|ImagePullBackOff) +0 ", (await agent.PodctlAsync("get", "pods")).Succeeded());
        Assert.Contains("Failed to pull image \"registry.invalid/nothing:1\"", (await agent.PodctlAsync("describe", "pod", "no-image")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_MissingWithPolicyNever_IsErrImageNeverPull()
    {
        await agent.ApplyAsync(PodYaml.Of("never", "command: [sleep, infinity]\nimagePullPolicy: Never", image: "registry.invalid/nothing:1"));

        Pod pod = await agent.WaitUntilWaitingAsync("never", "ErrImageNeverPull");

        Assert.Contains("registry.invalid/nothing:1", pod.Status.ContainerStatuses[0].State.Waiting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_Missing_NamesTheExecutable()
    {
        await agent.ApplyAsync(PodYaml.Of("no-command", "command: [/no/such/program]", spec: "restartPolicy: Never"));

        Pod pod = await agent.WaitForPodAsync("no-command", p => p.Status.Phase == "Failed");

        ContainerStateTerminated ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal("StartError", ended.Reason);
        Assert.Equal(128, ended.ExitCode);
        Assert.Contains("\"/no/such/program\" not found", ended.Message, StringComparison.Ordinal);
        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "no-command" && e.Reason == "Failed");
        Assert.Contains("/no/such/program", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostPath_Missing_IsFailedMountUntilItAppears()
    {
        string path = Path.Combine(agent.Directory, "appears");
        await agent.ApplyAsync(PodYaml.Idle("no-path", "volumeMounts: [{name: v, mountPath: /v}]", $"volumes: [{{name: v, hostPath: {{path: {path}, type: Directory}}}}]"));
        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "no-path" && e.Reason == "FailedMount");

        System.IO.Directory.CreateDirectory(path);

        Assert.Contains($"\"v\"", failed.Message, StringComparison.Ordinal);
        Assert.Contains(path, failed.Message, StringComparison.Ordinal);
        await agent.WaitUntilRunningAsync("no-path");
    }

    [Fact]
    public async Task HostPort_TakenByProcess_NamesTheProcess()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await agent.ApplyAsync(PodYaml.Idle("port-process", $"ports: [{{containerPort: 80, hostPort: {port}}}]"));

        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "port-process" && e.Reason == "FailedCreatePodSandBox");
        Assert.Contains($"host port {port}/TCP is taken by process", failed.Message, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", failed.Message, StringComparison.Ordinal);
        listener.Stop();
        await agent.WaitUntilRunningAsync("port-process");
    }

    [Fact]
    public async Task HostPort_TakenByPod_NamesThePod()
    {
        const string Ports = "ports: [{containerPort: 80, hostPort: 18377}]";
        await agent.ApplyAsync(PodYaml.Idle("port-first", Ports));
        await agent.WaitUntilRunningAsync("port-first");

        await agent.ApplyAsync(PodYaml.Idle("port-second", Ports));

        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "port-second" && e.Reason == "FailedCreatePodSandBox");
        Assert.Contains("host port 18377/TCP is taken by pod \"default/port-first\"", failed.Message, StringComparison.Ordinal);
    }
}
