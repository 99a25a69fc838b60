using PodAgent.Linux;

namespace PodAgent.Images.Snapshots;

/// <summary>
/// Root file systems made ahead for images that were used last, one each. Half of what a container waits for is its file system: each file or
/// directory that a disk's file system has to make takes a tenth of a millisecond or more, and a dozen are needed, the same every time.
/// </summary>
internal sealed class SpareLayers : IDisposable
{
    private const int MaxImages = 2;

    // As long as a container takes to start: what is made meanwhile takes processor and disk from it.
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(20);

    private readonly Func<IReadOnlyList<string>, SpareLayer> _make;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<SpareLayer> _spares = [];
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposing = new();
    private Task _making = Task.CompletedTask;
    private int _clearings;
    private bool _disposed;

    /// <param name="make">Makes one for a chain of snapshots.</param>
    /// <param name="time">The clock.</param>
    public SpareLayers(Func<IReadOnlyList<string>, SpareLayer> make, TimeProvider time)
    {
        _make = make;
        _time = time;
    }

    /// <summary>How many are ready.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _spares.Count;
            }
        }
    }

    /// <summary>The layer made ahead for these snapshots, the caller's from then on; null: there is none.</summary>
    public SpareLayer? TryTake(IReadOnlyList<string> chainIds)
    {
        lock (_gate)
        {
            int index = _spares.FindIndex(spare => spare.ChainIds.SequenceEqual(chainIds));
            if (index < 0)
            {
                return null;
            }

            SpareLayer taken = _spares[index];
            _spares.RemoveAt(index);
            return taken;
        }
    }

    /// <summary>Makes one for the next container, a little later.</summary>
    public void PrepareLater(IReadOnlyList<string> chainIds)
    {
        string key = string.Join(' ', chainIds);
        lock (_gate)
        {
            if (!_disposed && _wanted.Add(key))
            {
                _making = MakeAfterAsync(_making, key, chainIds);
            }
        }
    }

    /// <summary>Gives up what was made: layers below are about to be removed, and a mount would keep their space.</summary>
    public void Clear()
    {
        SpareLayer[] dropped;
        lock (_gate)
        {
            _clearings++;
            dropped = [.. _spares];
            _spares.Clear();
        }

        foreach (SpareLayer spare in dropped)
        {
            spare.Dispose();
        }
    }

    /// <summary>Returns when nothing is being made any more and nothing is left. A second call does nothing.</summary>
    public void Dispose()
    {
        Task making;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            making = _making;
        }

        _disposing.Cancel();
        making.GetAwaiter().GetResult();
        Clear();
        _disposing.Dispose();
    }

    private async Task MakeAfterAsync(Task former, string key, IReadOnlyList<string> chainIds)
    {
        await Task.Delay(s_delay, _time, _disposing.Token).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        await former.ConfigureAwait(false);
        int clearings;
        lock (_gate)
        {
            clearings = _clearings;
            _wanted.Remove(key);
            if (_disposed || _spares.Exists(spare => spare.ChainIds.SequenceEqual(chainIds)))
            {
                return;
            }
        }

        SpareLayer made;
        try
        {
            made = _make(chainIds);
        }
        catch (Exception refused) when (refused is AgentException or IOException)
        {
            // The next container meets the same refusal and reports it.
            return;
        }

        Keep(made, clearings);
    }

    private void Keep(SpareLayer made, int clearings)
    {
        SpareLayer? tooMany = null;
        lock (_gate)
        {
            if (clearings != _clearings)
            {
                // What is below it may have been removed while it was being made.
                tooMany = made;
            }
            else
            {
                _spares.Add(made);
                if (_spares.Count > MaxImages)
                {
                    tooMany = _spares[0];
                    _spares.RemoveAt(0);
                }
            }
        }

        tooMany?.Dispose();
    }
}
