using Google.Protobuf;
using PodAgent.Api.Cri;
using PodAgent.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Capabilities, seccomp and AppArmor of a container's processes.</summary>
internal static class Privileges
{
    private const string LocalhostPrefix = "localhost/";

    public static void Apply(Wire.ProcessSpec process, LinuxContainerSecurityContext? security, ISecurityProfiles profiles)
    {
        bool privileged = security?.Privileged ?? false;
        Capability? asked = security?.Capabilities;
        process.Capabilities = profiles.Resolve(new CapabilityRequest
        {
            Privileged = privileged,
            Add = asked is null ? [] : asked.AddCapabilities,
            Drop = asked is null ? [] : asked.DropCapabilities,
            AddAmbient = asked is null ? [] : asked.AddAmbientCapabilities,
        });
        process.NoNewPrivileges = security?.NoNewPrivs ?? false;
        process.Seccomp = UnsafeByteOperations.UnsafeWrap(Seccomp(security, process.Capabilities.Effective, profiles));
        process.ApparmorProfile = AppArmor(security, profiles);
    }

    private static byte[] Seccomp(LinuxContainerSecurityContext? security, ulong capabilities, ISecurityProfiles profiles)
    {
        if (security is null || security.Privileged || SeccompProfile(security) is not { } profile)
        {
            return [];
        }

        switch (profile.ProfileType)
        {
            case SecurityProfile.Types.ProfileType.RuntimeDefault:
                return profiles.RuntimeDefaultSeccomp(capabilities);
            case SecurityProfile.Types.ProfileType.Unconfined:
                return [];
            case SecurityProfile.Types.ProfileType.Localhost:
                return profiles.CompileSeccomp(profile.LocalhostRef, capabilities);
            default:
                throw new AgentException(ErrorKind.InvalidArgument, $"seccomp profile type {(int)profile.ProfileType} is not known");
        }
    }

    // The deprecated string field says the same in other words, and loses against the message.
    private static SecurityProfile? SeccompProfile(LinuxContainerSecurityContext security) => security.Seccomp ?? security.SeccompProfilePath switch
    {
        "" => null,
        "unconfined" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
        "runtime/default" or "docker/default" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        var path when path.StartsWith(LocalhostPrefix, StringComparison.Ordinal) => new SecurityProfile
        {
            ProfileType = SecurityProfile.Types.ProfileType.Localhost,
            LocalhostRef = path[LocalhostPrefix.Length..],
        },
        var other => throw new AgentException(ErrorKind.InvalidArgument, $"seccomp profile \"{other}\" is not known"),
    };

    private static string AppArmor(LinuxContainerSecurityContext? security, ISecurityProfiles profiles)
    {
        if (security is null || security.Privileged)
        {
            return "";
        }

        string name = security.Apparmor is { } profile
            ? profile.ProfileType == SecurityProfile.Types.ProfileType.Localhost ? profile.LocalhostRef : ""
            : security.ApparmorProfile is "" or "unconfined" or "runtime/default" ? "" : security.ApparmorProfile;
        name = name.StartsWith(LocalhostPrefix, StringComparison.Ordinal) ? name[LocalhostPrefix.Length..] : name;
        if (name.Length > 0)
        {
            profiles.RequireAppArmor(name);
        }
        else if (security.Apparmor is { ProfileType: SecurityProfile.Types.ProfileType.Localhost })
        {
            throw new AgentException(ErrorKind.InvalidArgument, "apparmor: a profile of type Localhost needs a name");
        }

        return name;
    }
}
