using PodAgent.Linux.Files;

namespace PodAgent.Linux.Mounting;

/// <summary>Directories held open while a mount call names them by their links in /proc.</summary>
internal sealed class DirectoryHandles : IDisposable
{
    private readonly List<Fd> _open = [];

    /// <summary>Opens a directory and gives a short path of it, valid until this object is disposed.</summary>
    public string Link(string path)
    {
        Fd directory = FileTree.OpenDirectory(path);
        _open.Add(directory);
        return directory.ProcPath;
    }

    public void Dispose() => _open.ForEach(directory => directory.Dispose());
}
