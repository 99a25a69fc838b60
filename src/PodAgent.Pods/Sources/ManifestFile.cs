using PodAgent.Api.Manifests;
using PodAgent.Linux.Files;
using PodAgent.Pods.Runtime;

namespace PodAgent.Pods.Sources;

/// <summary>Reads one manifest file: all of its pods, or every reason why it cannot be used.</summary>
internal static class ManifestFile
{
    /// <summary>Names that are never manifests: hidden files, and what editors leave beside a file while it is edited.</summary>
    public static bool IsManifestName(string name) =>
        name.Length > 0 && name[0] is not ('.' or '#') && !name.EndsWith('~')
        && Path.GetExtension(name).ToLowerInvariant() is ".yaml" or ".yml" or ".json";

    /// <summary>What a file holds.</summary>
    /// <exception cref="IOException">It is gone, cannot be read, or is nothing to read: a pipe would make the reader wait for ever.</exception>
    public static byte[] Load(string path)
    {
        FileStatus status = FileTree.TryStatus(path) ?? throw new FileNotFoundException("it is gone");
        if (status.Kind != FileKind.Regular)
        {
            throw new IOException("it is not a regular file");
        }

        return status.Size <= ManifestReader.MaxBytes
            ? File.ReadAllBytes(path)
            : throw new IOException($"it has {status.Size} bytes, at most {ManifestReader.MaxBytes} are read");
    }

    public static IReadOnlyList<ManifestPod> Read(ReadOnlyMemory<byte> content, string path, DateTimeOffset now, out IReadOnlyList<string> problems)
    {
        string name = Path.GetFileName(path);
        ManifestReadResult result = new ManifestReader().Read(content, name);
        List<string> found = [.. result.Problems.Select(p => p.ToString())];
        List<ManifestPod> pods = [];
        HashSet<PodKey> keys = [];
        foreach (ManifestObject item in result.Objects)
        {
            if (item.Message is not Core.Pod raw)
            {
                found.Add($"{name}:{item.Line}: kind {item.Kind} is not run from manifests by this version, only Pod is");
                continue;
            }

            Core.Pod pod = PodAdmission.Prepare(raw, out IReadOnlyList<string> podProblems);
            found.AddRange(podProblems.Select(p => $"{name}:{item.Line}: pod \"{pod.Metadata.Name}\": {p}"));
            if (podProblems.Count == 0 && !keys.Add(PodKey.Of(pod)))
            {
                found.Add($"{name}:{item.Line}: pod \"{pod.Metadata.Name}\" is defined twice in this file");
            }

            pods.Add(new ManifestPod(Identify(pod, now), path));
        }

        if (found.Count == 0 && pods.Count == 0)
        {
            // An empty file is what an editor or a redirection leaves for a moment; to end its pods, the file is removed.
            found.Add($"{name}: file contains no pod");
        }

        problems = found;
        return found.Count == 0 ? pods : [];
    }

    private static Core.Pod Identify(Core.Pod pod, DateTimeOffset now)
    {
        string hash = PodHash.Of(pod);
        pod.Metadata.Uid = PodHash.ToUid(hash);
        pod.Metadata.CreationTimestamp = now.ToTime();
        pod.Metadata.Generation = 1;
        pod.Metadata.Annotations[RuntimeLabels.ConfigSource] = "file";
        pod.Metadata.Annotations[RuntimeLabels.ConfigHash] = hash[..32];
        pod.Metadata.Annotations[RuntimeLabels.ConfigSeen] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return pod;
    }
}
