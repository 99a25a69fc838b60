using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>An inotify(7) instance.</summary>
public sealed unsafe class Inotify : IDisposable
{
    // Room for at least one record with the longest name, in one read.
    private const int BufferSize = 4096;

    /// <summary>inotify_init1(2), non-blocking.</summary>
    /// <exception cref="LinuxException">EMFILE: the user's limit of instances.</exception>
    public Inotify() => Descriptor = new Fd(Libc.Check(Libc.inotify_init1(EventConstants.IN_CLOEXEC | EventConstants.IN_NONBLOCK), "inotify_init1(2)"));

    /// <summary>Readable when there are events.</summary>
    public Fd Descriptor { get; }

    /// <summary>Watches a path, or changes what is watched for.</summary>
    /// <returns>The watch's number.</returns>
    /// <exception cref="LinuxException">ENOENT; ENOSPC: the user's limit of watches.</exception>
    public int Add(string path, FileEvents events) =>
        Libc.Check(Libc.inotify_add_watch(Descriptor.Number, path, (uint)events), "inotify_add_watch(2)", path);

    /// <summary>Ends a watch; no error when it has ended by itself.</summary>
    public void Remove(int watch) => _ = Libc.inotify_rm_watch(Descriptor.Number, watch);

    /// <summary>Waits until there are events.</summary>
    /// <param name="milliseconds">The longest wait; -1: for ever.</param>
    public bool Wait(int milliseconds = -1) => Polling.Wait(Descriptor, EventKinds.Readable, milliseconds) != EventKinds.None;

    /// <summary>Takes the events that are there, without waiting.</summary>
    /// <returns>False: there were none.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool Read(ICollection<FileEvent> events)
    {
        byte* buffer = stackalloc byte[BufferSize];
        nint count = Libc.read(Descriptor.Number, buffer, BufferSize);
        if (count < 0)
        {
            Errno errno = Libc.LastErrno;
            if (errno is not (Errno.EAGAIN or Errno.EINTR))
            {
                Libc.Throw("read(2)", "inotify", errno);
            }

            return false;
        }

        for (nint offset = 0; offset < count;)
        {
            var record = (inotify_event*)(buffer + offset);
            ReadOnlySpan<byte> name = new(buffer + offset + sizeof(inotify_event), (int)record->len);
            int end = name.IndexOf((byte)0);
            events.Add(new FileEvent(record->wd, (FileEvents)record->mask, record->cookie, Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
            offset += sizeof(inotify_event) + (int)record->len;
        }

        return count > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
