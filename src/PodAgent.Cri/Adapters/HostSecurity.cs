using Microsoft.Extensions.Logging;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Adapters;

/// <summary>The isolation part's profiles as port.</summary>
internal sealed class HostSecurity : ISecurityProfiles
{
    private readonly ProcessPrivileges _own;
    private readonly string _seccompDirectory;
    private readonly ILogger _log;
    private readonly AppArmor _appArmor = new();
    private readonly AppArmorDefaultProfile _default;
    private int _warned;

    public HostSecurity(ProcessPrivileges own, string seccompDirectory, ILogger log)
    {
        _own = own;
        _seccompDirectory = seccompDirectory;
        _log = log;
        _default = new AppArmorDefaultProfile(_appArmor);
    }

    public byte[] PauseSeccomp => SeccompProfiles.Pause;

    public bool UserNamespaces { get; } = UserNamespaceSupport.IsAvailable();

    public Capabilities Resolve(CapabilityRequest request) => _own.Resolve(request);

    public int ClampOomScore(long requested) => _own.ClampOomScore(requested);

    public byte[] RuntimeDefaultSeccomp(ulong capabilities) => SeccompProfiles.RuntimeDefault(new CapabilitySet(capabilities));

    public byte[] CompileSeccomp(string path, ulong capabilities) =>
        SeccompProfiles.CompileFile(path, _seccompDirectory, new CapabilitySet(capabilities));

    public string DefaultAppArmor(bool required)
    {
        if (!required && !_appArmor.Enabled)
        {
            return "";
        }

        try
        {
            _default.EnsureLoaded();
            return AppArmorDefaultProfile.Name;
        }
        catch (AgentException e) when (!required)
        {
            // A pod that did not ask for it runs all the same, as it would on a machine without AppArmor.
            if (Interlocked.Exchange(ref _warned, 1) == 0)
            {
                _log.ContainersUnconfined(e.Message);
            }

            return "";
        }
    }

    public void RequireAppArmor(string profile) => _appArmor.RequireProfile(profile);
}
