using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Mounting;

/// <summary>
/// A file system being configured (fsopen(2), fsconfig(2)) that becomes a detached mount (fsmount(2)). The kernel's own sentence about
/// a refused parameter, which mount(2) would leave to the system log, is part of the exception.
/// </summary>
public sealed unsafe class FileSystemContext : IDisposable
{
    private readonly Fd _context;
    private readonly string _type;

    /// <summary>fsopen(2).</summary>
    /// <param name="type">File system type: <c>overlay</c>, <c>proc</c>, <c>tmpfs</c>.</param>
    /// <exception cref="LinuxException">The kernel refused; ENODEV: it does not know the type.</exception>
    public FileSystemContext(string type)
    {
        _type = type;
        _context = new Fd(Libc.Check(Libc.fsopen(SyscallNumbers.SYS_fsopen, type, NewMountConstants.FSOPEN_CLOEXEC), "fsopen(2)", type));
    }

    private FileSystemContext(string type, Fd context)
    {
        _type = type;
        _context = context;
    }

    /// <summary>fsopen(2); null when this kernel does not have the call.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static FileSystemContext? TryOpen(string type)
    {
        nint fd = Libc.fsopen(SyscallNumbers.SYS_fsopen, type, NewMountConstants.FSOPEN_CLOEXEC);
        return fd < 0 && Libc.LastErrno == Errno.ENOSYS ? null : new FileSystemContext(type, new Fd(Libc.Check(fd, "fsopen(2)", type)));
    }

    /// <summary>Sets a parameter with a value; the key <c>source</c> is what /proc/mounts shows first.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Set(string key, string value) => Configure(NewMountConstants.FSCONFIG_SET_STRING, key, value, 0);

    /// <summary>As <see cref="Set(string, string)"/>; null, or what the kernel answered, its own words in <paramref name="said"/>.</summary>
    public LinuxException? TrySet(string key, string value, out string said)
    {
        said = "";
        return TryConfigure(NewMountConstants.FSCONFIG_SET_STRING, key, value, 0, out Errno errno)
            ? null
            : Refused("fsconfig(2)", $"{_type} {key}={value}", errno, out said);
    }

    /// <summary>Sets a parameter without a value, such as <c>ro</c>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetFlag(string key) => Configure(NewMountConstants.FSCONFIG_SET_FLAG, key, null, 0);

    /// <summary>Sets a parameter to an open file (overlay's <c>lowerdir+</c> takes one since Linux 6.13).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Set(string key, Fd value) => Configure(NewMountConstants.FSCONFIG_SET_FD, key, null, value.Number);

    /// <summary>Creates the file system and a detached mount of it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Fd CreateMount(MountAttributes attributes = MountAttributes.None)
    {
        Configure(NewMountConstants.FSCONFIG_CMD_CREATE, null, null, 0);
        nint fd = Libc.fsmount(SyscallNumbers.SYS_fsmount, _context.Number, NewMountConstants.FSMOUNT_CLOEXEC, (uint)attributes);
        if (fd < 0)
        {
            throw Refused("fsmount(2)", _type, Libc.LastErrno, out _);
        }

        return new Fd((int)fd);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private void Configure(uint command, string? key, string? value, int auxiliary)
    {
        if (!TryConfigure(command, key, value, auxiliary, out Errno errno))
        {
            throw Refused("fsconfig(2)", key is null ? _type : value is null ? $"{_type} {key}" : $"{_type} {key}={value}", errno, out _);
        }
    }

    private bool TryConfigure(uint command, string? key, string? value, int auxiliary, out Errno errno)
    {
        bool done = Libc.fsconfig(SyscallNumbers.SYS_fsconfig, _context.Number, command, key, value, auxiliary) >= 0;
        errno = done ? Errno.None : Libc.LastErrno;
        return done;
    }

    private LinuxException Refused(string operation, string subject, Errno errno, out string said)
    {
        said = ReadMessages();
        return new LinuxException(operation, said.Length == 0 ? subject : $"{subject} ({said})", errno);
    }

    // Each read returns one message, "e " for an error, "w " and "i " for less; ENODATA when there is none left.
    private string ReadMessages()
    {
        var text = new StringBuilder();
        byte* buffer = stackalloc byte[512];
        nint length;
        while ((length = Libc.read(_context.Number, buffer, 512)) > 0)
        {
            string line = Encoding.UTF8.GetString(buffer, (int)length).TrimEnd();
            text.Append(text.Length == 0 ? "" : "; ").Append(line.StartsWith("e ", StringComparison.Ordinal) ? line[2..] : line);
        }

        return text.ToString();
    }
}
