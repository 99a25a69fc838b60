using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Networking;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Adapters;

/// <summary>/proc and statfs(2) as port.</summary>
internal sealed class HostCounters : IHostCounters
{
    public IReadOnlyList<InterfaceCounters> Interfaces(int pid) => InterfaceCounters.Read(pid);

    public ProcessTotals Count(IReadOnlyList<int> pids) => ProcessTotals.Of(pids);

    public FileSystemUsage FileSystem(string directory)
    {
        using Fd place = FileTree.Open(directory, OpenFlags.Path | OpenFlags.Directory);
        return FileTree.UsageOf(place);
    }
}
