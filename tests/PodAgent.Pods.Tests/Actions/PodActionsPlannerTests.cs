using PodAgent.Pods.Actions;
using PodAgent.Pods.Probes;
using PodAgent.Pods.Runtime;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Actions;

public class PodActionsPlannerTests
{
    /// <summary>Policy; init containers; containers; what the runtime has; what to do: "kill:app", "start:app", "pod", "sandbox:1".</summary>
    public static TheoryData<string, string, string, string, string, string> Table => new()
    {
        // New and running pods
        { "an empty runtime gets a sandbox and all containers", "Always", "", "a b", "-", "sandbox:0 start:a start:b" },
        { "with init containers the first of them comes alone", "Always", "i j", "a", "-", "sandbox:0 start:i" },
        { "a fresh sandbox gets its containers in order", "Always", "", "a b", "", "start:a start:b" },
        { "everything runs: nothing to do", "Always", "", "a b", "a=running b=running", "" },
        { "what is missing is started", "Always", "", "a b", "a=running", "start:b" },
        { "what was created and never started is started anew", "Always", "", "a", "a=created", "start:a" },
        { "what is unknown is killed and started", "Always", "", "a", "a=unknown", "kill:a start:a" },

        // Restart policies
        { "Always restarts a success", "Always", "", "a", "a=0", "start:a" },
        { "Always restarts a failure", "Always", "", "a b", "a=1 b=running", "start:a" },
        { "OnFailure leaves a success", "OnFailure", "", "a b", "a=0 b=running", "" },
        { "OnFailure restarts a failure", "OnFailure", "", "a b", "a=1 b=running", "start:a" },
        { "Never leaves a failure", "Never", "", "a b", "a=1 b=running", "" },
        { "the latest attempt decides", "OnFailure", "", "a b", "a=1 a#1=0 b=running", "" },
        { "all done under OnFailure ends the pod", "OnFailure", "", "a b", "a=0 b=0", "pod" },
        { "all ended under Never ends the pod", "Never", "", "a b", "a=1 b=0", "pod" },

        // Init containers
        { "the first init container runs: wait", "Always", "i j", "a", "i=running", "" },
        { "the first is done: the second", "Always", "i j", "a", "i=0", "start:j" },
        { "all are done: the containers", "Always", "i j", "a b", "i=0 j=0", "start:a start:b" },
        { "a failed one is tried again", "Always", "i j", "a", "i=1", "start:i" },
        { "a failed one is tried again under OnFailure", "OnFailure", "i j", "a", "i=0 j=1", "start:j" },
        { "a failed one under Never ends the pod", "Never", "i j", "a", "i=1", "pod" },
        { "a created one is started anew", "Always", "i", "a", "i=created", "start:i" },
        { "a lost one is killed and started", "Always", "i", "a", "i=unknown", "kill:i start:i" },
        { "a crash of a container does not bring init back", "Always", "i", "a", "i=0 a=1", "start:a" },
        { "init containers that were removed by hand do not come back", "Always", "i", "a", "a=running", "" },

        // Sidecars
        { "a sidecar starts before what follows", "Always", "s*", "a", "", "start:s" },
        { "a running sidecar lets the containers start", "Always", "s*", "a", "s=running", "start:a" },
        { "a running sidecar lets the next init container start", "Always", "s* i", "a", "s=running", "start:i" },
        { "a sidecar that fell while a later one runs comes back beside it", "Always", "s* i", "a", "s=1 i=running", "start:s" },
        { "a sidecar that fell before anything followed holds it", "Always", "s* i", "a", "s=1", "start:s" },
        { "a sidecar comes back while the containers run, under Never too", "Never", "s*", "a", "s=0 a=running", "start:s" },
        { "a sidecar does not keep a finished pod", "Never", "s*", "a", "s=running a=0", "pod" },
        { "a failed init container under Never takes the sidecar down", "Never", "s* i", "a", "s=running i=1", "pod" },

        // Sandboxes
        { "a dead sandbox is replaced, its number grows", "Always", "", "a", "dead a=137", "sandbox:1 start:a" },
        { "what still runs in a dead sandbox goes down with it", "Always", "", "a b", "dead a=running b=0", "pod sandbox:1 start:a start:b" },
        { "in a new sandbox init starts over", "Always", "i", "a", "dead i=0 a=137", "sandbox:1 start:i" },
        { "a dead sandbox of a finished pod is not replaced", "Never", "", "a", "dead a=0", "" },
        { "OnFailure brings back only what had not succeeded", "OnFailure", "", "a b", "dead a=0 b=137", "sandbox:1 start:b" },
        { "a dead sandbox of a pod whose init failed for good is not replaced", "Never", "i", "a", "dead i=1", "" },
        { "under Never a container that was lost with the sandbox stays lost", "Never", "", "a", "dead a=running", "pod" },
        { "under Never what never ran still runs in the next sandbox", "Never", "", "a", "dead", "sandbox:1 start:a" },
        { "a sandbox without an address is replaced", "Always", "", "a", "noip", "pod sandbox:1 start:a" },
        { "two ready sandboxes are one too many", "Always", "", "a", "two a=running", "pod sandbox:2 start:a" },
        { "init containers of an old sandbox do not count in the new one", "Always", "i", "a", "second i=0", "start:i" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Compute_State_GivesActions(string sentence, string policy, string init, string containers, string runtime, string expected)
    {
        Core.Pod pod = Make.New(policy, Split(init), Split(containers));

        PodActions actions = PodActionsPlanner.Compute(pod, Parse(runtime), ProbeSnapshot.None);

        Assert.Equal((sentence, expected), (sentence, Describe(pod, actions)));
    }

    [Fact]
    public void Compute_ImageChanged_ReplacesUnderEveryPolicy()
    {
        foreach (string policy in new[] { "Always", "OnFailure", "Never" })
        {
            Core.Pod pod = Make.New(policy);
            pod.Spec.Containers[0].Image = "app:2";

            PodActions actions = PodActionsPlanner.Compute(pod, Make.Runtime("app=running"), ProbeSnapshot.None);

            Assert.Equal("kill:app start:app", Describe(pod, actions));
            Assert.Equal("Container app definition changed, will be restarted", actions.Kill[0].Message);
        }
    }

    [Theory]
    [InlineData("Always", "kill:app start:app", "Container app failed liveness probe, will be restarted")]
    [InlineData("OnFailure", "kill:app start:app", "Container app failed liveness probe, will be restarted")]
    [InlineData("Never", "kill:app", "Container app failed liveness probe")]
    public void Compute_LivenessFailed_KillsAndRestartsByPolicy(string policy, string expected, string message)
    {
        Core.Pod pod = Make.New(policy);

        PodActions actions = PodActionsPlanner.Compute(
            pod, Make.Runtime("app=running"), new ProbeSnapshot { LivenessFailed = new HashSet<string> { "app-0" } });

        Assert.Equal(expected, Describe(pod, actions));
        Assert.Equal(message, actions.Kill[0].Message);
    }

    [Fact]
    public void Compute_SidecarNotStarted_HoldsTheContainers()
    {
        Core.Pod pod = Make.New("Always", ["s*"]);

        PodActions actions = PodActionsPlanner.Compute(
            pod, Make.Runtime("s=running"), new ProbeSnapshot { NotStarted = new HashSet<string> { "s-0" } });

        Assert.True(actions.IsEmpty);
    }

    [Fact]
    public void Compute_SidecarStartupFailed_ReplacesIt()
    {
        Core.Pod pod = Make.New("Never", ["s*"]);
        ProbeSnapshot probes = new() { StartupFailed = new HashSet<string> { "s-0" }, NotStarted = new HashSet<string> { "s-0" } };

        Assert.Equal("kill:s start:s", Describe(pod, PodActionsPlanner.Compute(pod, Make.Runtime("s=running"), probes)));
    }

    [Fact]
    public void Compute_NetworkModeChanged_ReplacesTheSandbox()
    {
        Core.Pod pod = Make.New();
        pod.Spec.HostNetwork = true;

        Assert.Equal("pod sandbox:1 start:app", Describe(pod, PodActionsPlanner.Compute(pod, Make.Runtime("app=running"), ProbeSnapshot.None)));
    }

    [Theory]
    [InlineData(42, true)]
    [InlineData(1, false)]
    public void Compute_RestartRule_WinsOverThePolicy(int exitCode, bool restarted)
    {
        Core.Pod pod = Make.New("Never", null, "app", "other");
        pod.Spec.Containers[0].RestartPolicy = "Never";
        pod.Spec.Containers[0].RestartPolicyRules.Add(new Core.ContainerRestartRule
        {
            Action = "Restart",
            ExitCodes = new Core.ContainerRestartRuleOnExitCodes { Operator = "In", Values = { 42 } },
        });

        PodActions actions = PodActionsPlanner.Compute(pod, Make.Runtime($"app={exitCode}", "other=running"), ProbeSnapshot.None);

        Assert.Equal(restarted ? "start:app" : "", Describe(pod, actions));
    }

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static PodRuntimeStatus Parse(string text)
    {
        string[] words = Split(text);
        SandboxRecord[] sandboxes = words.FirstOrDefault() switch
        {
            "-" => [],
            "dead" => [Make.Sandbox(0, ready: false)],
            "noip" => [Make.Sandbox() with { Ips = [] }],
            "two" => [Make.Sandbox(1), Make.Sandbox()],
            "second" => [Make.Sandbox(1), Make.Sandbox(0, ready: false)],
            _ => [Make.Sandbox()],
        };
        return Make.Runtime(sandboxes, [.. words.Where(w => w.Contains('='))]);
    }

    private static string Describe(Core.Pod pod, PodActions actions)
    {
        List<string> words = [];
        if (actions.KillPod)
        {
            words.Add("pod");
        }

        if (actions.CreateSandbox)
        {
            words.Add($"sandbox:{actions.Attempt}");
        }

        words.AddRange(actions.Kill.Select(k => $"kill:{k.Container.Name}"));
        words.AddRange(actions.Start.Select(s => $"start:{pod.Spec.Get(s).Name}"));
        return string.Join(' ', words);
    }
}
