using System.Collections.Concurrent;
using PodAgent.Linux;

namespace PodAgent.Cri.Stores;

/// <summary>Records by ID, each with its file; what is in here is what clients see.</summary>
public abstract class RecordStore<TRecord, TEntry>
    where TRecord : class, IRecord
    where TEntry : StoreEntry<TRecord>
{
    private readonly ConcurrentDictionary<string, TEntry> _entries = new(StringComparer.Ordinal);

    internal IRecordObserver<TRecord>? Observer { get; set; }

    /// <summary>What things are called in messages.</summary>
    protected abstract string Noun { get; }

    /// <summary>Everything, in no order.</summary>
    public IEnumerable<TEntry> Entries => _entries.Values;

    /// <summary>Adds a record that is written down already or is written now.</summary>
    public void Add(TEntry entry, bool checkpoint = true)
    {
        if (checkpoint)
        {
            Checkpoint(entry.Record);
        }

        entry.Commit = (before, after) =>
        {
            CheckMove(before, after);
            Checkpoint(after);
        };
        entry.Committed = (before, after) => Observer?.Changed(before, after);
        if (!_entries.TryAdd(entry.Record.Id, entry))
        {
            throw new InvalidOperationException($"{Noun} {entry.Record.Id} is in the store already");
        }

        if (checkpoint)
        {
            Observer?.Changed(null, entry.Record);
        }
    }

    /// <summary>By ID, or by the beginning of one that fits no other; null: unknown.</summary>
    /// <exception cref="AgentException">InvalidArgument: several begin like this.</exception>
    public TEntry? Find(string idOrPrefix)
    {
        if (_entries.TryGetValue(idOrPrefix, out TEntry? exact))
        {
            return exact;
        }

        if (idOrPrefix.Length is 0 or >= 64)
        {
            return null;
        }

        TEntry? found = null;
        foreach ((string id, TEntry entry) in _entries)
        {
            if (id.StartsWith(idOrPrefix, StringComparison.Ordinal))
            {
                found = found is null
                    ? entry
                    : throw new AgentException(ErrorKind.InvalidArgument, $"several {Noun} IDs begin with \"{idOrPrefix}\"");
            }
        }

        return found;
    }

    /// <summary>By ID, or by the beginning of one.</summary>
    /// <exception cref="AgentException">NotFound.</exception>
    public TEntry Get(string idOrPrefix) =>
        Find(idOrPrefix) ?? throw new AgentException(ErrorKind.NotFound, $"{Noun} \"{idOrPrefix}\" does not exist");

    /// <summary>Takes a record out; its files are the caller's to delete.</summary>
    public void Remove(TEntry entry)
    {
        entry.MarkRemoved();
        if (_entries.TryRemove(entry.Record.Id, out _))
        {
            Observer?.Changed(entry.Record, null);
        }
    }

    /// <summary>Throws when a record cannot become the other.</summary>
    protected abstract void CheckMove(TRecord before, TRecord after);

    /// <summary>Writes the record down.</summary>
    protected abstract void Checkpoint(TRecord record);
}
