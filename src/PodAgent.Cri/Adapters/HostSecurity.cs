using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Specs;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Adapters;

/// <summary>The isolation part's profiles as port.</summary>
internal sealed class HostSecurity(ProcessPrivileges own, string seccompDirectory) : ISecurityProfiles
{
    private readonly AppArmor _appArmor = new();

    public byte[] PauseSeccomp => SeccompProfiles.Pause;

    public bool UserNamespaces { get; } = UserNamespaceSupport.IsAvailable();

    public Capabilities Resolve(CapabilityRequest request) => own.Resolve(request);

    public int ClampOomScore(long requested) => own.ClampOomScore(requested);

    public byte[] RuntimeDefaultSeccomp(ulong capabilities) => SeccompProfiles.RuntimeDefault(new CapabilitySet(capabilities));

    public byte[] CompileSeccomp(string path, ulong capabilities) =>
        SeccompProfiles.CompileFile(path, seccompDirectory, new CapabilitySet(capabilities));

    public void RequireAppArmor(string profile) => _appArmor.RequireProfile(profile);
}
