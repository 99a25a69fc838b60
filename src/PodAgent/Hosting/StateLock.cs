using PodAgent.Linux;

namespace PodAgent.Hosting;

/// <summary>
/// Keeps a second agent out of the same state directory. The lock is the kernel's (flock(2)) and ends with the process, however it ends.
/// </summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Creates the directory, private to root, and locks it.</summary>
    /// <param name="stateDirectory">The directory.</param>
    /// <param name="advice">What the user can do when another agent holds it.</param>
    /// <exception cref="AgentException">Another agent holds it.</exception>
    public static StateLock Acquire(string stateDirectory, string advice)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(stateDirectory, ownerOnly);
        File.SetUnixFileMode(stateDirectory, ownerOnly);
        string path = Path.Combine(stateDirectory, "lock");
        try
        {
            return new StateLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException cause) when (cause is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition, $"a podagent runs with the state directory \"{stateDirectory}\"; {advice}", cause);
        }
    }

    public void Dispose() => _file.Dispose();
}
