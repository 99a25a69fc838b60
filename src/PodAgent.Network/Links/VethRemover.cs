using System.Collections.Concurrent;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Networking;

namespace PodAgent.Network.Links;

/// <summary>
/// Deletes veth pairs beside the network thread. The kernel waits tens of milliseconds for its readers before it lets a deletion return:
/// attachments must not wait with it, and deletions that come meanwhile share the next wait.
/// </summary>
internal sealed class VethRemover : IDisposable
{
    // Any number but 0; only this program puts interfaces into it, and only those that are to go.
    private const uint Group = 0x706f6400;

    private readonly RouteSocket _socket;
    private readonly NetworkNamespaceThread _thread = new("veth-remover");
    private readonly ConcurrentQueue<(string Name, TaskCompletionSource Done)> _pending = new();

    /// <summary>Takes ownership of a socket in the host's namespace.</summary>
    public VethRemover(RouteSocket socket) => _socket = socket;

    /// <summary>Deletes an interface; the task completes when it is gone. A missing one is no error.</summary>
    public Task RemoveAsync(string name)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending.Enqueue((name, done));
        _ = _thread.InvokeAsync(RemovePending);
        return done.Task;
    }

    /// <summary>Finishes what is pending and closes the socket.</summary>
    public void Dispose()
    {
        _thread.Dispose();
        _socket.Dispose();
    }

    private void RemovePending()
    {
        var taken = new List<(string Name, TaskCompletionSource Done)>();
        while (_pending.TryDequeue(out (string, TaskCompletionSource) next))
        {
            taken.Add(next);
        }

        // An earlier round has taken this one's.
        if (taken.Count == 0)
        {
            return;
        }

        try
        {
            _socket.DeleteLinks([.. taken.Select(item => item.Name)], Group);
            taken.ForEach(item => item.Done.SetResult());
        }
        catch (LinuxException e)
        {
            taken.ForEach(item => item.Done.SetException(e));
        }
    }
}
