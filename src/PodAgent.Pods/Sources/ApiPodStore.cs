using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Sources;

/// <summary>
/// Pods accepted over the API, one file each: a first line with version and SHA-256 of the rest, then the pod in protobuf. A file is the
/// old or the new one after a power cut; one that is neither is set aside and never trusted.
/// </summary>
internal sealed class ApiPodStore
{
    private const string Magic = "podagent-pod 1 ";
    private const string Extension = ".pod";

    private readonly string _directory;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();

    public ApiPodStore(string directory, ILogger logger)
    {
        _directory = directory;
        _logger = logger;
    }

    /// <exception cref="AgentException">The disk refuses: the pod is not accepted.</exception>
    public void Save(Core.Pod pod)
    {
        string path = PathOf(PodKey.Of(pod));
        byte[] body = pod.ToByteArray();
        byte[] header = Encoding.ASCII.GetBytes($"{Magic}{Convert.ToHexStringLower(SHA256.HashData(body))}\n");
        try
        {
            lock (_lock)
            {
                Directory.CreateDirectory(_directory);
                AtomicFile.Write(path, [.. header, .. body], durable: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot store pod \"{PodKey.Of(pod)}\" at \"{path}\": {e.Message}", e);
        }
    }

    public void Delete(PodKey key)
    {
        lock (_lock)
        {
            string path = PathOf(key);
            if (File.Exists(path))
            {
                File.Delete(path);
                AtomicFile.SyncDirectory(_directory);
            }
        }
    }

    public IReadOnlyList<Core.Pod> Load()
    {
        List<Core.Pod> pods = [];
        if (!Directory.Exists(_directory))
        {
            return pods;
        }

        foreach (string file in Directory.EnumerateFiles(_directory))
        {
            if (!file.EndsWith(Extension, StringComparison.Ordinal))
            {
                // Half of a save that never became one.
                if (file.EndsWith(Extension + AtomicFile.TemporarySuffix, StringComparison.Ordinal))
                {
                    File.Delete(file);
                }

                continue;
            }

            if (TryParse(File.ReadAllBytes(file), out Core.Pod? pod, out string problem) && PathOf(PodKey.Of(pod!)) == file)
            {
                pods.Add(pod!);
                continue;
            }

            string aside = file + ".bad";
            File.Move(file, aside, overwrite: true);
            PodLog.StoredPodSetAside(_logger, file, aside, problem.Length > 0 ? problem : "its name does not fit its content");
        }

        return pods;
    }

    internal static bool TryParse(byte[] content, out Core.Pod? pod, out string problem)
    {
        pod = null;
        int end = Array.IndexOf(content, (byte)'\n');
        string header = end < 0 ? "" : Encoding.ASCII.GetString(content, 0, end);
        if (!header.StartsWith(Magic, StringComparison.Ordinal))
        {
            problem = "unknown format or version";
            return false;
        }

        byte[] body = content[(end + 1)..];
        if (header[Magic.Length..] != Convert.ToHexStringLower(SHA256.HashData(body)))
        {
            problem = "checksum does not match";
            return false;
        }

        try
        {
            pod = Core.Pod.Parser.ParseFrom(body);
            problem = "";
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            problem = e.Message;
            return false;
        }
    }

    // Namespace and name are DNS labels: "_" cannot be part of either.
    private string PathOf(PodKey key) => Path.Combine(_directory, $"{key.Namespace}_{key.Name}{Extension}");
}
