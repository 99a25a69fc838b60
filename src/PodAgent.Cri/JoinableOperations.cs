using Google.Protobuf;
using PodAgent.Linux;

namespace PodAgent.Cri;

/// <summary>
/// Operations by the name of what they make. A client whose call timed out calls again with the same request: the second call joins
/// the running operation instead of finding its name taken. The operation is cancelled when the last of its callers has left; the name
/// stays taken until what it had done is undone.
/// </summary>
internal sealed class JoinableOperations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Operation> _running = [];

    /// <summary>Runs <paramref name="body"/>, or waits for the run of an equal request that is under way.</summary>
    /// <exception cref="AgentException">AlreadyExists: something else of this name is being made.</exception>
    public async Task<string> RunAsync(
        string name, IMessage request, Func<CancellationToken, Task<string>> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Operation? operation;
            bool mine = false;
            lock (_gate)
            {
                if (!_running.TryGetValue(name, out operation))
                {
                    operation = new Operation(request);
                    _running.Add(name, operation);
                    mine = true;
                }
                else if (operation.Waiters > 0)
                {
                    if (!operation.Request.Equals(request))
                    {
                        throw new AgentException(ErrorKind.AlreadyExists, $"\"{name}\" is being created with another configuration");
                    }

                    operation.Waiters++;
                }
                else
                {
                    // Given up by its callers and being undone: wait for the end, then start anew.
                    mine = false;
                }
            }

            if (mine)
            {
                _ = ExecuteAsync(name, operation, body);
            }
            else if (operation.Waiters == 0)
            {
                await operation.Ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                return await operation.Result.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Leave(operation);
            }
        }
    }

    private async Task ExecuteAsync(string name, Operation operation, Func<CancellationToken, Task<string>> body)
    {
        try
        {
            string result = await body(operation.Cancellation.Token).ConfigureAwait(false);
            Remove(name);
            operation.Result.SetResult(result);
        }
        catch (OperationCanceledException)
        {
            Remove(name);
            operation.Result.SetCanceled();
        }
        catch (Exception failure)
        {
            Remove(name);
            operation.Result.SetException(failure);
            _ = operation.Result.Task.Exception;
        }
        finally
        {
            operation.Ended.SetResult();
        }
    }

    private void Remove(string name)
    {
        lock (_gate)
        {
            _running.Remove(name);
        }
    }

    private void Leave(Operation operation)
    {
        bool last;
        lock (_gate)
        {
            last = --operation.Waiters == 0;
        }

        if (last && !operation.Result.Task.IsCompleted)
        {
            operation.Cancellation.Cancel();
        }
    }

    private sealed class Operation(IMessage request)
    {
        public IMessage Request { get; } = request;

        public int Waiters { get; set; } = 1;

        public CancellationTokenSource Cancellation { get; } = new();

        public TaskCompletionSource<string> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
