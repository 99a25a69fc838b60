using PodAgent.Cri.Containers;

namespace PodAgent.Cri.Stores;

/// <summary>The place of one record in a store: the record's present value, and the one way to change it.</summary>
public abstract class StoreEntry<TRecord>(TRecord record)
    where TRecord : class, IRecord
{
    private readonly Lock _gate = new();
    private TRecord _record = record;
    private bool _removed;

    /// <summary>The present value.</summary>
    public TRecord Record => Volatile.Read(ref _record);

    /// <summary>Held by the verbs that take long (start, stop, remove), so that they come one after another.</summary>
    internal SemaphoreSlim Lifecycle { get; } = new(1, 1);

    // Between two readings of the same statistics.
    internal CpuRate CpuRate { get; } = new();

    internal Action<TRecord, TRecord>? Commit { get; set; }

    internal Action<TRecord, TRecord>? Committed { get; set; }

    /// <summary>
    /// Replaces the record. The change is checked and written down before it becomes visible; a change that cannot be written did not
    /// happen. Observers hear of changes in their order.
    /// </summary>
    public TRecord Update(Func<TRecord, TRecord> change)
    {
        lock (_gate)
        {
            TRecord before = _record;
            TRecord after = change(before);
            if (ReferenceEquals(before, after) || _removed)
            {
                return before;
            }

            Commit?.Invoke(before, after);
            Volatile.Write(ref _record, after);
            Committed?.Invoke(before, after);
            return after;
        }
    }

    // From here on late reports (an exit that arrives while the container is being removed) write nothing any more.
    internal void MarkRemoved()
    {
        lock (_gate)
        {
            _removed = true;
        }
    }
}
