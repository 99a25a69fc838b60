namespace PodAgent.Pods.Config;

/// <summary>Between the API's signal names (SIGTERM, SIGRTMIN+3) and CRI's numbers for them.</summary>
internal static class StopSignals
{
    public static Cri.Signal Parse(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Cri.Signal.RuntimeDefault;
        }

        string csharp = name switch
        {
            "SIGRTMIN" or "SIGRTMAX" => Pascal(name),
            _ when name.StartsWith("SIGRTMIN+", StringComparison.Ordinal) => "Sigrtminplus" + name["SIGRTMIN+".Length..],
            _ when name.StartsWith("SIGRTMAX-", StringComparison.Ordinal) => "Sigrtmaxminus" + name["SIGRTMAX-".Length..],
            _ => Pascal(name),
        };
        return Enum.TryParse(csharp, out Cri.Signal signal) ? signal : throw new ContainerConfigException($"stop signal {name} is not known");
    }

    private static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name[1..].ToLowerInvariant();
}
