namespace PodAgent.Images.Content;

/// <summary>
/// Blobs and snapshots that a transfer under way relies on, though no image has them yet: garbage collection leaves them alone. They are
/// taken, as they are looked at, with the snapshots' gate held.
/// </summary>
internal sealed class ContentLeases
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _holders = [];

    /// <summary>Holds digests until the result is disposed.</summary>
    public IDisposable Hold(IEnumerable<string> digests)
    {
        string[] held = [.. digests];
        lock (_gate)
        {
            foreach (string digest in held)
            {
                _holders[digest] = _holders.GetValueOrDefault(digest) + 1;
            }
        }

        return new Lease(this, held);
    }

    /// <summary>Everything that is held.</summary>
    public IReadOnlyList<string> Held()
    {
        lock (_gate)
        {
            return [.. _holders.Keys];
        }
    }

    private void Release(string[] digests)
    {
        lock (_gate)
        {
            foreach (string digest in digests)
            {
                if (--_holders[digest] == 0)
                {
                    _holders.Remove(digest);
                }
            }
        }
    }

    private sealed class Lease(ContentLeases leases, string[] digests) : IDisposable
    {
        private string[]? _digests = digests;

        public void Dispose() => leases.Release(Interlocked.Exchange(ref _digests, null) ?? []);
    }
}
