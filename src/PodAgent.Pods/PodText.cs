namespace PodAgent.Pods;

/// <summary>How the kubelet writes a pod in messages: tools and people grep for exactly these forms.</summary>
internal static class PodText
{
    /// <summary><c>name_namespace(uid)</c>.</summary>
    public static string Format(Core.Pod pod) => $"{pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})";

    /// <summary>A duration as Go prints it: <c>10s</c>, <c>1m20s</c>, <c>2m40s</c>, <c>5m0s</c>, <c>850ms</c>.</summary>
    public static string Duration(TimeSpan value)
    {
        if (value < TimeSpan.FromSeconds(1))
        {
            return $"{(long)value.TotalMilliseconds}ms";
        }

        string seconds = value.Milliseconds == 0 ? $"{value.Seconds}s" : $"{value.Seconds}.{value.Milliseconds:000}".TrimEnd('0') + "s";
        long hours = (long)value.TotalHours;
        return hours > 0 ? $"{hours}h{value.Minutes}m{seconds}" : value.TotalMinutes >= 1 ? $"{value.Minutes}m{seconds}" : seconds;
    }
}
