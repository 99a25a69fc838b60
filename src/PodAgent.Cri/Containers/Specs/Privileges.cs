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

    // One that asks for nothing gets the default where there is AppArmor; asking for the default also requires AppArmor, as Kubernetes
    // documents it. Privileged containers are spared the default, but keep a profile that they name.
    private static string AppArmor(LinuxContainerSecurityContext? security, ISecurityProfiles profiles)
    {
        bool privileged = security?.Privileged ?? false;
        SecurityProfile? profile = security is null ? null : AppArmorProfile(security);
        switch (profile?.ProfileType)
        {
            case null:
                return privileged ? "" : profiles.DefaultAppArmor(required: false);
            case SecurityProfile.Types.ProfileType.RuntimeDefault:
                return privileged ? "" : profiles.DefaultAppArmor(required: true);
            case SecurityProfile.Types.ProfileType.Unconfined:
                return "";
            case SecurityProfile.Types.ProfileType.Localhost:
                string name = WithoutPrefix(profile.LocalhostRef);
                if (name.Length == 0)
                {
                    throw new AgentException(ErrorKind.InvalidArgument, "apparmor: a profile of type Localhost needs a name");
                }

                profiles.RequireAppArmor(name);
                return name;
            default:
                throw new AgentException(ErrorKind.InvalidArgument, $"apparmor profile type {(int)profile.ProfileType} is not known");
        }
    }

    // The deprecated string field, as above.
    private static SecurityProfile? AppArmorProfile(LinuxContainerSecurityContext security) => security.Apparmor ?? security.ApparmorProfile switch
    {
        "" => null,
        "unconfined" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
        "runtime/default" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        var name => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = name },
    };

    private static string WithoutPrefix(string name) => name.StartsWith(LocalhostPrefix, StringComparison.Ordinal) ? name[LocalhostPrefix.Length..] : name;
}
