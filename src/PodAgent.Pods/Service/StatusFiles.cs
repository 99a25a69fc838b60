using Google.Protobuf;
using Microsoft.Extensions.Logging;
using PodAgent.Linux.Files;

namespace PodAgent.Pods.Service;

/// <summary>
/// What was published last of each pod, on tmpfs: start time, transition times and readiness outlive the agent. Best effort: without it they
/// begin anew, nothing else. Files are written beside the pods' workers, the latest status of each pod only, so that no pod waits for them.
/// </summary>
internal sealed class StatusFiles : IAsyncDisposable
{
    private readonly Lock _lock = new();
    // Held while a file is written or deleted. Whoever needs both takes this one first.
    private readonly Lock _writing = new();
    private readonly Dictionary<string, Core.PodStatus> _dirty = new(StringComparer.Ordinal);
    private readonly string _directory;
    private readonly ILogger _logger;
    private Task _writer = Task.CompletedTask;
    private bool _running;

    /// <param name="directory">Made when missing.</param>
    /// <param name="logger">For files that cannot be written.</param>
    public StatusFiles(string directory, ILogger logger)
    {
        _directory = directory;
        _logger = logger;
        Directory.CreateDirectory(directory);
    }

    /// <returns>Null when nothing readable is there.</returns>
    public Core.PodStatus? Load(string uid)
    {
        string path = PathOf(uid);
        try
        {
            return File.Exists(path) ? Core.PodStatus.Parser.ParseFrom(File.ReadAllBytes(path)) : null;
        }
        catch (Exception e) when (e is IOException or InvalidProtocolBufferException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the status soon. The message must not change any more.</summary>
    public void Save(string uid, Core.PodStatus status)
    {
        lock (_lock)
        {
            _dirty[uid] = status;
            if (!_running)
            {
                _running = true;
                _writer = Task.Run(WriteAll);
            }
        }
    }

    /// <summary>Nothing of the pod is left afterwards, and nothing comes back.</summary>
    public void Delete(string uid)
    {
        lock (_lock)
        {
            _dirty.Remove(uid);
        }

        // Behind a write that is under way.
        lock (_writing)
        {
            try
            {
                File.Delete(PathOf(uid));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                PodLog.LeftoverNotRemoved(_logger, uid, e.Message);
            }
        }
    }

    /// <summary>Deletes what is kept of pods that are not among these.</summary>
    public void Retain(IReadOnlySet<string> uids)
    {
        foreach (string uid in Directory.EnumerateFiles(_directory).Select(f => Path.GetFileName(f)).Where(uid => !uids.Contains(uid)).ToList())
        {
            Delete(uid);
        }
    }

    /// <summary>Returns when everything is written.</summary>
    public async ValueTask DisposeAsync()
    {
        Task writer;
        lock (_lock)
        {
            writer = _writer;
        }

        await writer;
    }

    private string PathOf(string uid) => Path.Combine(_directory, uid);

    private void WriteAll()
    {
        while (true)
        {
            lock (_writing)
            {
                string uid;
                Core.PodStatus status;
                lock (_lock)
                {
                    if (_dirty.Count == 0)
                    {
                        _running = false;
                        return;
                    }

                    (uid, status) = _dirty.First();
                    _dirty.Remove(uid);
                }

                Write(uid, status);
            }
        }
    }

    private void Write(string uid, Core.PodStatus status)
    {
        try
        {
            AtomicFile.Write(PathOf(uid), status.ToByteArray());
        }
        catch (Exception e) when (e is IOException or LinuxException or UnauthorizedAccessException)
        {
            PodLog.StatusNotKept(_logger, uid, e.Message);
        }
    }
}
