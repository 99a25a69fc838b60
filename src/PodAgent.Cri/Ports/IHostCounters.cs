using PodAgent.Linux.Files;
using PodAgent.Linux.Networking;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Ports;

/// <summary>What the machine counts beyond control groups.</summary>
public interface IHostCounters
{
    /// <summary>The interfaces of the network namespace that a process is in; empty when the process is gone.</summary>
    IReadOnlyList<InterfaceCounters> Interfaces(int pid);

    /// <summary>What processes hold together.</summary>
    ProcessTotals Count(IReadOnlyList<int> pids);

    /// <summary>Sizes of the file system that a directory is on.</summary>
    FileSystemUsage FileSystem(string directory);
}
