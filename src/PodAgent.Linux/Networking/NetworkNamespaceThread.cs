using System.Collections.Concurrent;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Networking;

/// <summary>
/// A thread of its own that lives in one network namespace and carries out work there, one piece after the other. Namespaces belong to
/// threads: a pool thread that entered one would carry it into whatever runs on it next, so entering happens on threads like this only.
/// Sockets keep the namespace they were made in and may be handed to any thread.
/// </summary>
public sealed class NetworkNamespaceThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Fd? _home;
    private volatile Exception? _lost;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">The thread's name, for debuggers.</param>
    /// <param name="home">The namespace to live in, duplicated by entering it; null: the one of the process.</param>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public NetworkNamespaceThread(string name, Fd? home = null)
    {
        _thread = new Thread(() => Run(home)) { Name = name, IsBackground = true };
        _thread.Start();
        _entered.Task.GetAwaiter().GetResult();
    }

    /// <summary>Queues work for the thread; the task completes with its result or its exception, on another thread.</summary>
    /// <exception cref="ObjectDisposedException">The thread has been stopped.</exception>
    public Task<T> InvokeAsync<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                completion.SetResult(work());
            }
            catch (Exception e)
            {
                completion.SetException(e);
            }
        });
        return completion.Task;
    }

    /// <summary>Queues work without a result.</summary>
    /// <exception cref="ObjectDisposedException">The thread has been stopped.</exception>
    public Task InvokeAsync(Action work) => InvokeAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Runs work inside another network namespace and comes back. Only for work that this thread is running.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public T Within<T>(Fd networkNamespace, Func<T> work)
    {
        if (Thread.CurrentThread != _thread)
        {
            throw new InvalidOperationException("another thread's network namespace cannot be changed");
        }

        Enter(networkNamespace);
        try
        {
            return work();
        }
        finally
        {
            try
            {
                Enter(_home!);
            }
            catch (LinuxException e)
            {
                _lost = e;
                throw;
            }
        }
    }

    /// <summary>Stops the thread after the work that is queued. A second call does nothing.</summary>
    public void Dispose()
    {
        if (!_work.IsAddingCompleted)
        {
            _work.CompleteAdding();
        }

        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private static void Enter(Fd networkNamespace) => Namespaces.Enter(networkNamespace, NamespaceKinds.Network);

    private void Enqueue(Action work)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(NetworkNamespaceThread), "the network thread has been stopped");
        }
    }

    private void Run(Fd? home)
    {
        try
        {
            if (home is not null)
            {
                Enter(home);
            }

            _home = NetworkNamespaces.OpenCurrent();
        }
        catch (Exception e)
        {
            _entered.SetException(e);
            return;
        }

        _entered.SetResult();
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
            if (_lost is not null)
            {
                // Host work in a pod's namespace would be a breach; a restarted agent recovers.
                Environment.FailFast("a thread could not leave a pod's network namespace", _lost);
            }
        }

        _home.Dispose();
    }
}
