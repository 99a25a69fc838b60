using Microsoft.Win32.SafeHandles;
using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>
/// An owned file descriptor, closed when disposed. Every descriptor that this layer opens is close-on-exec; passing one on to another
/// process is always explicit.
/// </summary>
public sealed class Fd : SafeHandleMinusOneIsInvalid
{
    /// <summary>An empty handle, for the marshaller.</summary>
    public Fd()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Takes ownership of an open descriptor.</summary>
    public Fd(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The descriptor's number, valid as long as this object is not disposed.</summary>
    public int Number => (int)handle;

    /// <summary>The magic link of this descriptor in /proc, a path for calls that take no descriptor.</summary>
    public string ProcPath => $"/proc/self/fd/{Number}";

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;

    /// <inheritdoc/>
    public override string ToString() => $"fd {Number}";
}
