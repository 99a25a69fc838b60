using PodAgent.Api.Core;
using PodAgent.Api.Manifests;
using PodAgent.Cli.Terminal;

namespace PodAgent.Cli.Commands;

/// <summary>The files behind <c>-f</c>: a file, a directory's manifests, or standard input.</summary>
internal static class ManifestFiles
{
    private static readonly string[] s_extensions = [".yaml", ".yml", ".json"];

    /// <summary>All pods of the given files. Any mistake in any of them stops before the first is used.</summary>
    /// <exception cref="CliException">Files that do not exist, or every problem in them, one per line.</exception>
    public static async Task<IReadOnlyList<Pod>> ReadPodsAsync(IEnumerable<string> sources, CancellationToken cancel)
    {
        var pods = new List<Pod>();
        var problems = new List<string>();
        foreach (string file in sources.SelectMany(Expand))
        {
            byte[] content = await ReadAsync(file, cancel);
            ManifestReadResult result = new ManifestReader().Read(content, file == "-" ? "standard input" : file);
            problems.AddRange(result.Problems.Select(problem => problem.ToString()));
            foreach (ManifestObject item in result.Objects)
            {
                if (item.Message is Pod pod)
                {
                    pods.Add(pod);
                }
                else
                {
                    problems.Add($"{file}:{item.Line}: the node runs pods, not kind {item.Kind}");
                }
            }
        }

        if (problems.Count > 0)
        {
            throw new CliException(string.Join('\n', problems.Select(problem => "error: " + problem)));
        }

        return pods.Count > 0 ? pods : throw new CliException("error: no objects passed to apply");
    }

    /// <summary>The manifests of a directory, in the order of their names.</summary>
    public static IEnumerable<string> In(string directory) => Directory.EnumerateFiles(directory)
        .Where(file => s_extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal) && !Path.GetFileName(file).StartsWith('.'))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Expand(string source)
    {
        if (source == "-" || File.Exists(source))
        {
            return [source];
        }

        if (!Directory.Exists(source))
        {
            throw new CliException($"error: the path \"{source}\" does not exist");
        }

        string[] files = [.. In(source)];
        return files.Length > 0 ? files : throw new CliException($"error: no .yaml, .yml or .json files in \"{source}\"");
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancel)
    {
        if (file != "-")
        {
            return await File.ReadAllBytesAsync(file, cancel);
        }

        using var content = new MemoryStream();
        await using Stream input = StandardStream.Input;
        await input.CopyToAsync(content, cancel);
        return content.ToArray();
    }
}
