using Microsoft.Win32.SafeHandles;
using PodAgent.Images.Archives;

namespace PodAgent.Images.Pulling;

/// <summary>
/// A file that one writes while others read: a reader waits at the end until there is more, or until the writer says that it was all. So a layer
/// is unpacked while it arrives, and a pause for a new connection is only a longer wait.
/// </summary>
internal sealed class GrowingBlob
{
    private readonly object _gate = new();
    private readonly string _path;
    private long _length;
    private bool _complete;
    private Exception? _failure;

    /// <summary>A file that holds this much already.</summary>
    public GrowingBlob(string path, long length) => (_path, _length) = (path, length);

    /// <summary>Bytes so far.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>More bytes are in the file.</summary>
    public void Advance(int count)
    {
        lock (_gate)
        {
            _length += count;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>There is no more to come; null: because it is all there.</summary>
    public void End(Exception? failure)
    {
        lock (_gate)
        {
            _complete = failure is null;
            _failure ??= failure;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Reads from the start. The file may be renamed meanwhile.</summary>
    public Stream OpenReader(CancellationToken ct) => new Reader(this, ct);

    private void WaitBeyond(long position, CancellationToken ct)
    {
        lock (_gate)
        {
            while (_length <= position && !_complete && _failure is null && !ct.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }

            ct.ThrowIfCancellationRequested();
            if (_length <= position && _failure is not null)
            {
                throw new BlobInterruptedException(_failure);
            }
        }
    }

    private sealed class Reader : ReadOnlyStream
    {
        private readonly GrowingBlob _blob;
        private readonly SafeFileHandle _file;
        private readonly CancellationToken _ct;
        private readonly CancellationTokenRegistration _waking;
        private long _position;

        public Reader(GrowingBlob blob, CancellationToken ct)
        {
            _blob = blob;
            _ct = ct;
            _file = File.OpenHandle(blob._path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            _waking = ct.Register(() =>
            {
                lock (blob._gate)
                {
                    Monitor.PulseAll(blob._gate);
                }
            });
        }

        public override int Read(Span<byte> buffer)
        {
            if (_position >= _blob.Length)
            {
                _blob.WaitBeyond(_position, _ct);
            }

            int count = (int)Math.Min(buffer.Length, _blob.Length - _position);
            if (count <= 0)
            {
                return 0;
            }

            count = RandomAccess.Read(_file, buffer[..count], _position);
            _position += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            _waking.Dispose();
            _file.Dispose();
            base.Dispose(disposing);
        }
    }
}
