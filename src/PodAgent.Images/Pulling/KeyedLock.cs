namespace PodAgent.Images.Pulling;

/// <summary>One at a time for each key.</summary>
internal sealed class KeyedLock
{
    private readonly Dictionary<string, (SemaphoreSlim Turn, int Users)> _turns = [];

    /// <summary>Waits for its turn, which ends when the result is disposed.</summary>
    public IDisposable Enter(string key, CancellationToken ct)
    {
        SemaphoreSlim turn;
        lock (_turns)
        {
            (turn, int users) = _turns.TryGetValue(key, out (SemaphoreSlim Turn, int Users) known) ? known : (new SemaphoreSlim(1, 1), 0);
            _turns[key] = (turn, users + 1);
        }

        try
        {
            turn.Wait(ct);
        }
        catch
        {
            Leave(key);
            throw;
        }

        return new Holder(this, key, turn);
    }

    private void Leave(string key)
    {
        lock (_turns)
        {
            (SemaphoreSlim turn, int users) = _turns[key];
            if (users == 1)
            {
                _turns.Remove(key);
            }
            else
            {
                _turns[key] = (turn, users - 1);
            }
        }
    }

    private sealed class Holder(KeyedLock owner, string key, SemaphoreSlim turn) : IDisposable
    {
        public void Dispose()
        {
            turn.Release();
            owner.Leave(key);
        }
    }
}
