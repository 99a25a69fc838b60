using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Recovery;

/// <summary>
/// State that cannot be trusted: its directory is moved to <c>unreadable/</c> for a person to look at, its supervisor is ended, and
/// whatever else it had is found as belonging to nobody.
/// </summary>
internal static class SetAside
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static TRecord? TryRead<TRecord>(CriContext runtime, string directory, Func<string, TRecord> read)
        where TRecord : class
    {
        try
        {
            return read(directory);
        }
        catch (AgentException failure) when (failure.Kind == ErrorKind.DataLoss)
        {
            runtime.Log.StateSetAside(Path.GetFileName(directory), failure.Message);
            EndSupervisorAsync(runtime, directory, CancellationToken.None).GetAwaiter().GetResult();
            runtime.Ports.Files.UnmountSharedMemory(Sandboxes.SandboxFiles.SharedMemory(directory));
            string parent = Path.Combine(runtime.Options.StateDirectory, "unreadable");
            Directory.CreateDirectory(parent, OwnerOnly);
            string target = Path.Combine(parent, Path.GetFileName(directory));
            Sandboxes.SandboxFiles.Delete(target);
            Directory.Move(directory, target);
            return null;
        }
    }

    public static async Task EndSupervisorAsync(CriContext runtime, string directory, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(runtime.Options.RollbackTimeout);
        try
        {
            await using ISandboxSupervisor supervisor =
                await runtime.Ports.Supervisors.ConnectAsync(directory, limit.Token).ConfigureAwait(false);
            await supervisor.ShutdownAsync(limit.Token).ConfigureAwait(false);
            await supervisor.Closed.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            if (failure is not AgentException { Kind: ErrorKind.NotFound })
            {
                runtime.Log.CleanupFailed($"cannot end the supervisor in \"{directory}\"", failure.Message);
            }
        }
    }
}
