namespace PodAgent.Cri.Node;

/// <summary>How the runtime presents itself.</summary>
internal static class RuntimeInformation
{
    public const string Name = "podagent";
    public const string ApiVersion = "v1";

    // What the kubelet sends and expects back; it says nothing about the runtime.
    public const string KubeletApiVersion = "0.1.0";

    public static string KernelRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
