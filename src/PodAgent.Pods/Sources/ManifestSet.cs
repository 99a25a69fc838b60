namespace PodAgent.Pods.Sources;

/// <summary>
/// The pods that all files together ask for. A file that cannot be used keeps the pods it had. Two files that ask for the same name: the one
/// that had it first keeps it, the other is refused until the first lets go.
/// </summary>
internal sealed class ManifestSet
{
    private readonly SortedDictionary<string, IReadOnlyList<ManifestPod>> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<PodKey, string> _owners = [];

    public IEnumerable<string> Files => _files.Keys;

    public void Set(string file, IReadOnlyList<ManifestPod> pods)
    {
        // Content that is the same keeps the pod that exists, with the time at which it was first seen.
        Dictionary<string, ManifestPod> before = _files.Values.SelectMany(p => p)
            .GroupBy(p => p.Pod.Metadata.Uid).ToDictionary(g => g.Key, g => g.First());
        _files[file] = [.. pods.Select(p => before.TryGetValue(p.Pod.Metadata.Uid, out ManifestPod? old) ? old with { File = p.File } : p)];
    }

    public bool Remove(string file) => _files.Remove(file);

    /// <summary>Whether the file has ever been accepted and not been removed since.</summary>
    public bool Has(string file) => _files.ContainsKey(file);

    /// <param name="refused">File and sentence for each pod that another file has already.</param>
    public IReadOnlyDictionary<PodKey, ManifestPod> Resolve(out IReadOnlyList<(string File, string Problem)> refused)
    {
        List<(string, string)> conflicts = [];
        Dictionary<PodKey, ManifestPod> pods = [];
        foreach ((PodKey key, string owner) in _owners.ToList())
        {
            ManifestPod? pod = _files.GetValueOrDefault(owner)?.FirstOrDefault(p => PodKey.Of(p.Pod) == key);
            if (pod is null)
            {
                _owners.Remove(key);
            }
            else
            {
                pods[key] = pod;
            }
        }

        foreach ((string file, IReadOnlyList<ManifestPod> wanted) in _files)
        {
            foreach (ManifestPod pod in wanted)
            {
                PodKey key = PodKey.Of(pod.Pod);
                if (_owners.TryAdd(key, file))
                {
                    pods[key] = pod;
                }
                else if (_owners[key] != file)
                {
                    conflicts.Add((file, $"pod \"{key}\" is already defined by manifest \"{_owners[key]}\""));
                }
            }
        }

        refused = conflicts;
        return pods;
    }
}
