namespace PodAgent.Linux.Probing;

/// <summary>
/// One live try. <see cref="Test"/> uses what it looks for, really, and takes back what it made; it returns a detail to show, and throws
/// when the thing is not there.
/// </summary>
/// <param name="Area">Heading.</param>
/// <param name="Name">What is tried.</param>
/// <param name="Need">How much depends on it.</param>
/// <param name="Test">The try. Throws <see cref="LinuxException"/>, <see cref="AgentException"/> or <see cref="ProbeSkippedException"/>.</param>
public sealed record Probe(string Area, string Name, ProbeNeed Need, Func<string> Test)
{
    /// <summary>What cannot be done without it.</summary>
    public string Cost { get; init; } = "";

    /// <summary>How to get it.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>Whether only root may try.</summary>
    public bool Privileged { get; init; } = true;

    /// <summary>Tries on a thread of its own, which may leave its namespaces and ends afterwards.</summary>
    public ProbeResult Run()
    {
        if (Privileged && !Environment.IsPrivilegedProcess)
        {
            return new ProbeResult(Area, Name, ProbeLevel.Skipped, "needs root");
        }

        try
        {
            return new ProbeResult(Area, Name, ProbeLevel.Ok, ThrowawayThread.Run(Test));
        }
        catch (ProbeSkippedException skipped)
        {
            return new ProbeResult(Area, Name, ProbeLevel.Skipped, skipped.Message);
        }
        catch (Exception absent) when (absent is IOException or AgentException or UnauthorizedAccessException)
        {
            return new ProbeResult(Area, Name, Level, absent.Message) { Cost = Cost, Remedy = Remedy };
        }
    }

    private ProbeLevel Level => Need switch
    {
        ProbeNeed.Required => ProbeLevel.Missing,
        ProbeNeed.Useful => ProbeLevel.Warning,
        _ => ProbeLevel.Absent,
    };
}
