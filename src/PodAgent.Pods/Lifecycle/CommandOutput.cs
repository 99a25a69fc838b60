using System.Text;

namespace PodAgent.Pods.Lifecycle;

/// <summary>What a probe's or a hook's command printed, for people: the runtime lets a container answer with megabytes, events do not.</summary>
internal static class CommandOutput
{
    /// <summary>The most that is kept, in bytes; the kubelet's number.</summary>
    public const int MaxBytes = 10 * 1024;

    /// <summary>Standard output, then standard error, cut.</summary>
    public static string Of(Cri.ExecSyncResponse response)
    {
        ReadOnlySpan<byte> output = response.Stdout.Span;
        ReadOnlySpan<byte> error = response.Stderr.Span;
        output = output[..Math.Min(output.Length, MaxBytes)];
        error = error[..Math.Min(error.Length, MaxBytes - output.Length)];
        return (Encoding.UTF8.GetString(output) + Encoding.UTF8.GetString(error)).Trim();
    }
}
