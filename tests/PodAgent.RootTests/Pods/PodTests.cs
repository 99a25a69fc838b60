using System.Runtime.Versioning;
using PodAgent.Api.Core;
using PodAgent.Images.BuiltIn;

namespace PodAgent.RootTests.Pods;

[SupportedOSPlatform("linux")]
public sealed class PodTests
{
    private static string Yaml(string name, string script, string spec = "", string container = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, labels: {app: {{name}} } }
        spec:
          terminationGracePeriodSeconds: 2
          {{spec}}
          containers:
          - name: app
            image: {{BusyboxImage.Reference}}
            imagePullPolicy: Never
            command: [sh, -c, "{{script}}"]
            {{container}}
        """;

    [Fact]
    public async Task Pod_WholeLife_WorksAndLeavesNothing()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        await machine.ApplyAsync(Yaml("web", "echo hello from $(hostname); trap 'exit 0' TERM; sleep 1000 & wait"));

        Pod pod = await machine.WaitForReadyAsync("web");

        Assert.StartsWith("10.88.", pod.Status.PodIP, StringComparison.Ordinal);
        Assert.Equal("web\n", (await machine.ExecAsync(pod, "hostname")).Out);
        Assert.Contains($"{pod.Status.PodIP}\tweb\n", (await machine.ExecAsync(pod, "cat /etc/hosts")).Out, StringComparison.Ordinal);
        Assert.Contains("hello from web\n", await machine.UntilLoggedAsync("web", "hello from web\n"), StringComparison.Ordinal);
        await machine.DeleteAsync("web");
        Assert.Empty(machine.Leftovers());
        // The groups of the classes stay, for the next pod, and the network's memory of the last address.
        Assert.All(machine.Runtime.Leftovers(), l => Assert.Matches("/(besteffort|leases/last)$", l));
        Assert.Empty(machine.PodCgroups());
    }

    [Fact]
    public async Task Manifest_Written_RunsWithoutDelay()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        File.WriteAllText(Path.Combine(machine.Manifests, "web.yaml"), Yaml("web", "sleep 1000"));

        Pod pod = await machine.WaitForReadyAsync("web");

        Assert.Equal("file", pod.Metadata.Annotations["kubernetes.io/config.source"]);
    }

    [Fact]
    public async Task InitContainers_AndSidecars_RunInOrder()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        string image = $"image: {BusyboxImage.Reference}, imagePullPolicy: Never";
        await machine.ApplyAsync(Yaml(
            "web",
            "cat /work/log; sleep 1000",
            $$"""
            volumes: [{name: work, emptyDir: {} }]
              initContainers:
              - {name: one, {{image}}, command: [sh, -c, "echo one >> /work/log"], volumeMounts: [{name: work, mountPath: /work}]}
              - {name: side, {{image}}, restartPolicy: Always, command: [sh, -c, "echo side >> /work/log; sleep 1000"], volumeMounts: [{name: work, mountPath: /work}]}
              - {name: two, {{image}}, command: [sh, -c, "until grep -q side /work/log; do :; done; echo two >> /work/log"], volumeMounts: [{name: work, mountPath: /work}]}
            """,
            "volumeMounts: [{name: work, mountPath: /work}]"));

        Pod pod = await machine.WaitForReadyAsync("web");

        Assert.Equal("one\nside\ntwo\n", (await machine.ExecAsync(pod, "cat /work/log")).Out);
        Assert.True(pod.Status.InitContainerStatuses.Single(s => s.Name == "side").Ready);
    }

    [Fact]
    public async Task Crash_OnFailure_RestartsAndKeepsThePreviousLog()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        await machine.ApplyAsync(Yaml(
            "web",
            "echo try; if [ -e /work/done ]; then sleep 1000; fi; touch /work/done; echo failing > /dev/termination-log; exit 7",
            "restartPolicy: OnFailure\n  volumes: [{name: work, emptyDir: {}}]",
            "volumeMounts: [{name: work, mountPath: /work}]"));

        Pod pod = await machine.WaitForAsync("web", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });

        ContainerStateTerminated last = pod.Status.ContainerStatuses[0].LastState.Terminated;
        Assert.Equal((7, "Error", "failing\n"), (last.ExitCode, last.Reason, last.Message));
        Assert.Equal("try\n", await machine.LogAsync("web", previous: true));
    }

    [Fact]
    public async Task Volumes_MemoryAndSubPath_AreMountedAndRemoved()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        string host = Directory.CreateTempSubdirectory("pae-host-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(host, "kept"), "mine");
            await machine.ApplyAsync(Yaml(
                "web",
                "sleep 1000",
                $"volumes: [{{name: mem, emptyDir: {{medium: Memory, sizeLimit: 4Mi}}}}, {{name: host, hostPath: {{path: {host}, type: Directory}}}}, {{name: info, downwardAPI: {{items: [{{path: labels, fieldRef: {{fieldPath: metadata.labels}}}}]}}}}]",
                "volumeMounts: [{name: mem, mountPath: /mem}, {name: host, mountPath: /host, readOnly: true}, {name: host, mountPath: /sub, subPath: a/b}, {name: info, mountPath: /info}]"));
            Pod pod = await machine.WaitForReadyAsync("web");

            Assert.Equal("mine", (await machine.ExecAsync(pod, "cat /host/kept")).Out);
            Assert.NotEqual(0, (await machine.ExecAsync(pod, "touch /host/x")).Code);
            Assert.Equal("tmpfs 4.0M\n", (await machine.ExecAsync(pod, "df -h /mem | tail -1 | awk '{print $1, $2}'")).Out);
            Assert.Equal(0, (await machine.ExecAsync(pod, "echo x > /sub/file")).Code);
            Assert.Equal("x\n", File.ReadAllText(Path.Combine(host, "a/b/file")));
            Assert.Equal("app=\"web\"", (await machine.ExecAsync(pod, "cat /info/labels")).Out);

            await machine.DeleteAsync("web");
            Assert.Empty(machine.Leftovers());
            Assert.True(File.Exists(Path.Combine(host, "a/b/file")));
        }
        finally
        {
            Directory.Delete(host, recursive: true);
        }
    }

    [Fact]
    public async Task SubPath_ThroughALinkToTheHost_IsRefused()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        string host = Directory.CreateTempSubdirectory("pae-host-").FullName;
        try
        {
            File.CreateSymbolicLink(Path.Combine(host, "evil"), "/etc");
            await machine.ApplyAsync(Yaml(
                "web", "sleep 1000", $"volumes: [{{name: host, hostPath: {{path: {host}}}}}]", "volumeMounts: [{name: host, mountPath: /x, subPath: evil}]"));

            Pod pod = await machine.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Waiting?.Reason == "CreateContainerConfigError");

            Assert.Contains("failed to prepare subPath \"evil\"", pod.Status.ContainerStatuses[0].State.Waiting.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(host, recursive: true);
        }
    }

    [Fact]
    public async Task AgentRestart_RunningPod_IsNotTouched()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        await machine.ApplyAsync(Yaml("web", "sleep 1000"));
        Pod before = await machine.WaitForReadyAsync("web");

        await machine.RestartAsync();
        Pod after = await machine.WaitForReadyAsync("web");

        Assert.Equal(before.Status.ContainerStatuses, after.Status.ContainerStatuses);
        Assert.Equal(before.Status.StartTime, after.Status.StartTime);
        Assert.Equal(0, (await machine.ExecAsync(after, "true")).Code);
    }

    [Fact]
    public async Task ReadinessProbe_Exec_DecidesOverThePod()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        await machine.ApplyAsync(Yaml(
            "web",
            "sleep 1000",
            "",
            "readinessProbe: {exec: {command: [test, -e, /tmp/ready]}, periodSeconds: 1}"));
        Pod pod = await machine.WaitForAsync("web", p => p.Status.Phase == "Running");
        Assert.False(pod.Status.ContainerStatuses[0].Ready);

        await machine.ExecAsync(pod, "touch /tmp/ready");

        await machine.WaitForReadyAsync("web");
    }

    [Fact]
    public async Task Logs_Followed_EndWithTheContainer()
    {
        await using PodMachine machine = await PodMachine.StartAsync();
        await machine.ApplyAsync(Yaml("web", "for i in 1 2 3; do echo line $i; sleep 0.1; done", "restartPolicy: Never"));
        await machine.WaitForAsync("web", p => p.Status.ContainerStatuses[0].State.Running is not null || p.Status.Phase == "Succeeded");

        Assert.Equal("line 1\nline 2\nline 3\n", await machine.LogAsync("web", follow: true));
    }
}
