using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;
using PodAgent.Pods.Events;

namespace PodAgent.Pods.Sources;

/// <summary>
/// Pods from the files of a directory. Changes are notified by the kernel; every so often, and whenever notifications may have been lost, all
/// files are looked at again. Three rules keep running pods undisturbed:
/// <list type="bullet">
/// <item>a file is read when its writer has closed it or has moved it into place, never while it grows;</item>
/// <item>a file that cannot be used keeps the pods it had, over a restart of the agent too (the last good content is kept in the state directory);</item>
/// <item>a file that disappears counts as removed only after a moment: editors, git and install(1) take a file away and write it anew. A
/// rename within the directory is known as such and takes no such moment.</item>
/// </list>
/// </summary>
internal sealed class ManifestDirectory : IAsyncDisposable
{
    // Between unlink or rename and the creation that follows there are microseconds, or the start of a program when a script does it.
    private static readonly TimeSpan s_removalDelay = TimeSpan.FromMilliseconds(25);
    // A file changed within this time may still be being written by somebody whose end of writing will be notified.
    private static readonly TimeSpan s_rescanQuiet = TimeSpan.FromSeconds(2);

    private readonly string _directory;
    private readonly string _keptDirectory;
    private readonly TimeSpan _rescan;
    private readonly DirectoryWatcher _watcher;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Action<IReadOnlyDictionary<PodKey, ManifestPod>> _changed;
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ManifestSet _set = new();
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(string File, byte[] Content)> _accepted = [];
    // Of the watcher's thread: the last file that was moved away, until its other half arrives.
    private (uint Cookie, string Path) _moved;
    private IDisposable? _subscription;
    private ITimer? _rescanTimer;
    private Task _loop = Task.CompletedTask;

    public ManifestDirectory(
        string directory,
        string keptDirectory,
        TimeSpan rescan,
        DirectoryWatcher watcher,
        EventRecorder events,
        ILogger logger,
        TimeProvider time,
        Action<IReadOnlyDictionary<PodKey, ManifestPod>> changed)
    {
        _directory = directory;
        _keptDirectory = keptDirectory;
        _rescan = rescan;
        _watcher = watcher;
        _events = events;
        _logger = logger;
        _time = time;
        _changed = changed;
    }

    /// <summary>Reads the directory once and goes on watching it.</summary>
    public void Start()
    {
        Directory.CreateDirectory(_directory);
        Directory.CreateDirectory(_keptDirectory);
        // Watch first, read second: a file that arrives in between is seen twice instead of never.
        Subscribe();
        foreach (string file in List())
        {
            Read(file, atStart: true);
        }

        DropKeptOfMissing();
        Publish();
        KeepAccepted();
        _rescanTimer = _time.CreateTimer(_ => _changes.Writer.TryWrite(new Change(null, ChangeKind.Rescan)), null, _rescan, _rescan);
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _subscription?.Dispose();
        if (_rescanTimer is not null)
        {
            await _rescanTimer.DisposeAsync();
        }

        _changes.Writer.TryComplete();
        await _loop;
    }

    private void Subscribe()
    {
        _subscription?.Dispose();
        try
        {
            _subscription = _watcher.Subscribe(_directory, OnEvent);
        }
        catch (LinuxException e)
        {
            PodLog.ManifestDirectoryFailed(_logger, _directory, e.Message);
        }
    }

    private void OnEvent(FileEvent e)
    {
        if (e.Events.HasFlag(FileEvents.Overflow) || e.Events.HasFlag(FileEvents.Ended) || e.Events.HasFlag(FileEvents.SelfMoved))
        {
            _changes.Writer.TryWrite(new Change(null, e.Events.HasFlag(FileEvents.Overflow) ? ChangeKind.Rescan : ChangeKind.WatchLost));
        }
        else if (ManifestFile.IsManifestName(e.Name) && !e.Events.HasFlag(FileEvents.IsDirectory))
        {
            string path = Path.Combine(_directory, e.Name);
            if (e.Events.HasFlag(FileEvents.MovedFrom))
            {
                _moved = (e.Cookie, path);
            }

            if (e.Events.HasFlag(FileEvents.MovedTo) && _moved.Path is { } from && e.Cookie == _moved.Cookie)
            {
                _changes.Writer.TryWrite(new Change(path, ChangeKind.Renamed, from));
            }
            else if ((e.Events & (FileEvents.Written | FileEvents.MovedTo)) != 0)
            {
                _changes.Writer.TryWrite(new Change(path, ChangeKind.Written));
            }
            else if ((e.Events & FileEvents.Created) != 0)
            {
                // Links have no writer that closes them; anything else will be closed.
                _changes.Writer.TryWrite(new Change(path, ChangeKind.Linked));
            }
            else if ((e.Events & (FileEvents.Deleted | FileEvents.MovedFrom)) != 0)
            {
                _changes.Writer.TryWrite(new Change(path, ChangeKind.Gone));
            }
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _changes.Reader.WaitToReadAsync(_stop.Token))
            {
                bool changed = false;
                while (_changes.Reader.TryRead(out Change change))
                {
                    changed |= Attempt(() => Apply(change));
                }

                if (changed)
                {
                    Attempt(() =>
                    {
                        Publish();
                        return true;
                    });

                    // The pods' workers first, which wait for this thread.
                    await Task.Yield();
                    KeepAccepted();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // DisposeAsync.
        }
    }

    // Nobody awaits the loop: what goes wrong with one change is said, and the next change finds it running.
    private bool Attempt(Func<bool> step)
    {
        try
        {
            return step();
        }
        catch (Exception e)
        {
            PodLog.ManifestDirectoryFailed(_logger, _directory, e.Message);
            return false;
        }
    }

    private bool Apply(Change change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Written:
                return Read(change.Path!, atStart: false);

            case ChangeKind.Renamed:
                return Rename(change.From!, change.Path!);

            case ChangeKind.Linked:
                FileInfo info = new(change.Path!);
                return info.LinkTarget is not null && Read(change.Path!, atStart: false);

            case ChangeKind.Gone:
                _ = LaterAsync(change.Path!);
                return false;

            case ChangeKind.Missing:
                return !File.Exists(change.Path) && Forget(change.Path!);

            case ChangeKind.WatchLost:
                Subscribe();
                return Rescan();

            default:
                return Rescan();
        }
    }

    private async Task LaterAsync(string path)
    {
        try
        {
            await Task.Delay(s_removalDelay, _time, _stop.Token);
            _changes.Writer.TryWrite(new Change(path, ChangeKind.Missing));
        }
        catch (OperationCanceledException)
        {
            // DisposeAsync.
        }
    }

    // In one step, so that the pods are never wanted by two files or by none.
    private bool Rename(string from, string to)
    {
        bool read = Read(to, atStart: false);
        if (read && !File.Exists(from))
        {
            _ = Forget(from);
        }

        return read;
    }

    private bool Rescan()
    {
        if (!Directory.Exists(_directory))
        {
            // Taken away as a whole, perhaps by mistake: say so and keep what runs.
            PodLog.ManifestDirectoryFailed(_logger, _directory, "does not exist any more; its pods go on");
            return false;
        }

        if (_subscription is null)
        {
            Subscribe();
        }

        bool changed = false;
        HashSet<string> present = [];
        foreach (string file in List())
        {
            present.Add(file);
            FileInfo info = new(file);
            bool quiet = _time.GetUtcNow() - info.LastWriteTimeUtc > s_rescanQuiet;
            if (quiet && (!_seen.TryGetValue(file, out Seen seen) || seen != Seen.Of(info)))
            {
                changed |= Read(file, atStart: false);
            }
        }

        foreach (string gone in _set.Files.Where(f => !present.Contains(f) && !File.Exists(f)).ToList())
        {
            changed |= Forget(gone);
        }

        return changed;
    }

    private IEnumerable<string> List() =>
        Directory.EnumerateFiles(_directory).Where(f => ManifestFile.IsManifestName(Path.GetFileName(f))).Order(StringComparer.Ordinal);

    private bool Read(string file, bool atStart)
    {
        byte[] content;
        try
        {
            _seen[file] = Seen.Of(new FileInfo(file));
            content = ManifestFile.Load(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(file))
            {
                Refuse(file, [$"{Path.GetFileName(file)}: {e.Message}"]);
            }

            return false;
        }

        IReadOnlyList<ManifestPod> pods = Parse(content, file, out IReadOnlyList<string> problems);
        if (problems.Count > 0)
        {
            Refuse(file, problems);
            return atStart && ReadKept(file);
        }

        _set.Set(file, pods);
        _accepted.Add((file, content));
        return true;
    }

    private IReadOnlyList<ManifestPod> Parse(byte[] content, string file, out IReadOnlyList<string> problems)
    {
        try
        {
            return ManifestFile.Read(content, file, _time.GetUtcNow(), out problems);
        }
        catch (Exception e)
        {
            // Whatever a file holds, the directory goes on being watched: a parser's own fault is this file's problem.
            problems = [$"{Path.GetFileName(file)}: cannot be read: {e.Message}"];
            return [];
        }
    }

    private bool Forget(string file)
    {
        _seen.Remove(file);
        DeleteKept(Kept(file));
        return _set.Remove(file);
    }

    private void Publish()
    {
        IReadOnlyDictionary<PodKey, ManifestPod> pods = _set.Resolve(out IReadOnlyList<(string File, string Problem)> refused);
        foreach ((string file, string problem) in refused)
        {
            Refuse(file, [problem]);
        }

        _changed(pods);
    }

    // After they have been published: no pod waits for it.
    private void KeepAccepted()
    {
        foreach ((string file, byte[] content) in _accepted)
        {
            Keep(file, content);
        }

        _accepted.Clear();
    }

    private void Refuse(string file, IReadOnlyList<string> problems)
    {
        foreach (string problem in problems)
        {
            _events.RecordManifest(Path.GetFileName(file), EventRecorder.Warning, "FailedManifest", problem);
            PodLog.ManifestRefused(_logger, file, problem);
        }
    }

    private string Kept(string file) => Path.Combine(_keptDirectory, Path.GetFileName(file));

    // On tmpfs, so neither slow nor in need of care: without it a broken file only costs its pods at the next start of the agent.
    private void Keep(string file, byte[] content)
    {
        try
        {
            AtomicFile.Write(Kept(file), content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PodLog.ManifestDirectoryFailed(_logger, _keptDirectory, e.Message);
        }
    }

    private bool ReadKept(string file)
    {
        if (!File.Exists(Kept(file)))
        {
            return false;
        }

        IReadOnlyList<ManifestPod> pods = Parse(File.ReadAllBytes(Kept(file)), file, out IReadOnlyList<string> problems);
        if (problems.Count == 0)
        {
            _set.Set(file, pods);
        }

        return problems.Count == 0;
    }

    private void DropKeptOfMissing()
    {
        foreach (string kept in Directory.EnumerateFiles(_keptDirectory).Where(k => !File.Exists(Path.Combine(_directory, Path.GetFileName(k)))))
        {
            DeleteKept(kept);
        }
    }

    private void DeleteKept(string kept)
    {
        try
        {
            File.Delete(kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PodLog.ManifestDirectoryFailed(_logger, _keptDirectory, e.Message);
        }
    }

    private enum ChangeKind
    {
        Written,
        Renamed,
        Linked,
        Gone,
        Missing,
        Rescan,
        WatchLost,
    }

    private readonly record struct Change(string? Path, ChangeKind Kind, string? From = null);

    private readonly record struct Seen(DateTime Written, long Length)
    {
        public static Seen Of(FileInfo info) => info.Exists ? new Seen(info.LastWriteTimeUtc, info.Length) : default;
    }
}
