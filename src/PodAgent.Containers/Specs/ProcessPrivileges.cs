using System.Globalization;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Specs;

/// <summary>
/// What this agent can hand on: nobody can give a capability that he does not have, and without CAP_SYS_RESOURCE an OOM score cannot be
/// lowered.
/// </summary>
/// <param name="Available">The agent's own permitted capabilities.</param>
/// <param name="OomScoreAdj">The agent's own oom_score_adj, -1000..1000.</param>
public sealed record ProcessPrivileges(CapabilitySet Available, int OomScoreAdj)
{
    /// <summary>Reads them from /proc/self.</summary>
    /// <exception cref="LinuxException">/proc cannot be read.</exception>
    public static ProcessPrivileges Read(string proc = "/proc/self")
    {
        ulong permitted = 0;
        foreach (ReadOnlySpan<char> line in ControlFiles.Read(proc + "/status").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("CapPrm:"))
            {
                permitted = ulong.Parse(line["CapPrm:".Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }
        }

        int score = int.Parse(ControlFiles.Read(proc + "/oom_score_adj").AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return new ProcessPrivileges(new CapabilitySet(permitted), score);
    }

    /// <summary>
    /// The capabilities of a container's process. Bounding, permitted and effective are the same set; inheritable stays empty always, since
    /// with it a program with inheritable file capabilities would gain them (CVE-2022-24769).
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument: names every unknown capability.</exception>
    public Capabilities Resolve(CapabilityRequest request)
    {
        CapabilitySet ambient = CapabilitySet.Parse(request.AddAmbient);
        CapabilitySet set = CapabilitySet.Default.Apply(request.Add, request.Drop) | ambient;
        set = (request.Privileged ? CapabilitySet.All : set) & Available;
        return new Capabilities { Bounding = set.Bits, Permitted = set.Bits, Effective = set.Bits, Ambient = (ambient & set).Bits };
    }

    /// <summary>
    /// An OOM score within -1000..1000 that this agent may set: without CAP_SYS_RESOURCE nothing below its own
    /// (proc_pid_oom_score_adj(5)).
    /// </summary>
    public int ClampOomScore(long requested)
    {
        int score = (int)Math.Clamp(requested, -1000, 1000);
        return Available.Has("SYS_RESOURCE") ? score : Math.Max(score, OomScoreAdj);
    }
}
