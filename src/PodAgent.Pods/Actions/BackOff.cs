using System.Collections.Concurrent;

namespace PodAgent.Pods.Actions;

/// <summary>
/// The kubelet's exponential back-off: the first retry is free, then 10 s doubling to 300 s, and an entry whose last failure is older than
/// twice the maximum counts as new. Kept in memory; an agent that restarts works it out again from restart counts (<see cref="Restore"/>),
/// so that pods which crash in a loop do not all begin anew with it.
/// </summary>
internal sealed class BackOff
{
    public static readonly TimeSpan Initial = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Maximum = TimeSpan.FromSeconds(300);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _began;

    public BackOff(TimeProvider time)
    {
        _time = time;
        _began = time.GetUtcNow();
    }

    /// <summary>Takes over what an earlier agent has counted; nothing when this one has counted itself.</summary>
    /// <param name="key">The key.</param>
    /// <param name="retries">How often it was retried, the free first time included.</param>
    /// <param name="last">When it was last.</param>
    public void Restore(string key, long retries, DateTimeOffset last)
    {
        if (retries > 0 && last < _began)
        {
            int doublings = (int)Math.Min(retries - 1, 10);
            TimeSpan delay = Initial * (1 << doublings);
            _entries.TryAdd(key, new Entry(delay > Maximum ? Maximum : delay, last));
        }
    }

    /// <summary>The delay that the key's next retry after <paramref name="since"/> has to wait; null when it may go on now.</summary>
    public TimeSpan? Delay(string key, DateTimeOffset since)
    {
        if (!_entries.TryGetValue(key, out Entry? entry) || IsExpired(entry, since))
        {
            return null;
        }

        return _time.GetUtcNow() - since < entry.Delay ? entry.Delay : null;
    }

    /// <summary>Counts a failure at <paramref name="since"/> that is being retried now.</summary>
    public void Next(string key, DateTimeOffset since)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _entries.AddOrUpdate(
            key,
            _ => new Entry(Initial, now),
            (_, old) => IsExpired(old, since)
                ? new Entry(Initial, now)
                : new Entry(old.Delay * 2 > Maximum ? Maximum : old.Delay * 2, now));
    }

    public void Forget(string prefix)
    {
        foreach (string key in _entries.Keys)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private static bool IsExpired(Entry entry, DateTimeOffset since) => since - entry.LastUpdate > Maximum * 2;

    private sealed record Entry(TimeSpan Delay, DateTimeOffset LastUpdate);
}
