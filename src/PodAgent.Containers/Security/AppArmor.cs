using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Security;

/// <summary>Whether AppArmor confines on this machine, and which profiles are loaded (apparmor(7)).</summary>
/// <param name="securityFs">Where securityfs is mounted.</param>
/// <param name="enabledFile">The module's switch: <c>Y</c> when it is on.</param>
public sealed class AppArmor(string securityFs = "/sys/kernel/security", string enabledFile = "/sys/module/apparmor/parameters/enabled")
{
    /// <summary>The kernel has AppArmor and it is switched on.</summary>
    public bool Enabled => ControlFiles.TryRead(enabledFile)?.Trim() == "Y";

    /// <summary>Makes sure that a process can be put under a profile.</summary>
    /// <exception cref="AgentException">FailedPrecondition: no AppArmor. NotFound: the profile is not loaded. InvalidArgument: not a name.</exception>
    public void RequireProfile(string profile)
    {
        if (profile.Length == 0 || profile.AsSpan().ContainsAny('\n', '\0'))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"invalid AppArmor profile name \"{profile}\"");
        }

        if (!Enabled)
        {
            throw NotEnabled(profile);
        }

        if (!LoadedProfiles().Contains(profile))
        {
            throw new AgentException(ErrorKind.NotFound, $"cannot use AppArmor profile \"{profile}\": it is not loaded");
        }
    }

    internal static AgentException NotEnabled(string profile) =>
        new(ErrorKind.FailedPrecondition, $"cannot use AppArmor profile \"{profile}\": AppArmor is not enabled on this machine");

    /// <summary>The names of the loaded profiles.</summary>
    public IReadOnlySet<string> LoadedProfiles()
    {
        var names = new HashSet<string>();
        foreach (ReadOnlySpan<char> line in ControlFiles.TryRead(securityFs + "/apparmor/profiles").AsSpan().EnumerateLines())
        {
            // "<name> (<mode>)"; the name may itself contain spaces and parentheses.
            int mode = line.LastIndexOf(" (");
            if (mode > 0)
            {
                names.Add(line[..mode].ToString());
            }
        }

        return names;
    }
}
