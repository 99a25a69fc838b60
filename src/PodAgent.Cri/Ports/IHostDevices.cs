namespace PodAgent.Cri.Ports;

/// <summary>The machine's device nodes.</summary>
public interface IHostDevices
{
    /// <summary>Reads one node, or every node below a directory; throws when there is none.</summary>
    IReadOnlyList<HostDevice> Read(string path);

    /// <summary>Every device below /dev that a privileged container gets.</summary>
    IReadOnlyList<HostDevice> All();
}
