using PodAgent.Api.Defaults;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Tests.Fakes;

/// <summary>Pods and runtime states for tables: short words for what would be screens of messages.</summary>
internal static class Pods
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A pod with defaults. Containers by name; an init container that ends in "*" is a sidecar.</summary>
    public static Core.Pod New(string policy = "Always", string[]? init = null, params string[] containers)
    {
        Core.Pod pod = new()
        {
            Metadata = new Meta.ObjectMeta { Name = "web", Namespace = "default", Uid = "uid-1", Generation = 1 },
            Spec = new Core.PodSpec { RestartPolicy = policy },
        };
        foreach (string name in init ?? [])
        {
            Core.Container container = new() { Name = name.TrimEnd('*'), Image = "app:1" };
            if (name.EndsWith('*'))
            {
                container.RestartPolicy = "Always";
            }

            pod.Spec.InitContainers.Add(container);
        }

        foreach (string name in containers.Length > 0 ? containers : ["app"])
        {
            pod.Spec.Containers.Add(new Core.Container { Name = name, Image = "app:1" });
        }

        PodDefaults.Apply(pod);
        return pod;
    }

    public static SandboxRecord Sandbox(int attempt = 0, bool ready = true, bool hostNetwork = false) => new()
    {
        Id = $"s{attempt}",
        Attempt = (uint)attempt,
        Ready = ready,
        CreatedAt = Start,
        Ips = ready && !hostNetwork ? ["10.88.0.2"] : [],
        HostNetwork = hostNetwork,
    };

    /// <summary>"app=running", "app=0" (exit code), "app=created", "app=unknown"; "app#2=running" is attempt 2, "app@s1=running" is in sandbox s1.</summary>
    public static ContainerRecord Container(string text, string image = "app:1")
    {
        string[] sides = text.Split('=');
        string name = sides[0];
        string sandbox = "s0";
        uint attempt = 0;
        if (name.Contains('@'))
        {
            (name, sandbox) = (name.Split('@')[0], name.Split('@')[1]);
        }

        if (name.Contains('#'))
        {
            (name, attempt) = (name.Split('#')[0], uint.Parse(name.Split('#')[1]));
        }

        bool exited = int.TryParse(sides[1], out int exitCode);
        return new ContainerRecord
        {
            Id = $"{name}-{attempt}",
            Name = name,
            Attempt = attempt,
            RestartCount = (int)attempt,
            SandboxId = sandbox,
            State = exited ? ContainerRunState.Exited : Enum.Parse<ContainerRunState>(sides[1], ignoreCase: true),
            ExitCode = exitCode,
            CreatedAt = Start,
            StartedAt = Start,
            FinishedAt = exited ? Start.AddSeconds(5) : null,
            Image = image,
            Hash = ContainerHash.Of(new Core.Container { Name = name, Image = image }),
        };
    }

    /// <summary>A sandbox and containers in it; newest attempts first, as the reader gives them.</summary>
    public static PodRuntimeStatus Runtime(params string[] containers) => Runtime([Sandbox()], containers);

    public static PodRuntimeStatus Runtime(SandboxRecord[] sandboxes, params string[] containers) =>
        new("uid-1", sandboxes, [.. containers.Select(c => Container(c)).OrderByDescending(c => c.Attempt)]);
}
