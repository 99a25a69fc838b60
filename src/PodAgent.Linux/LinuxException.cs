namespace PodAgent.Linux;

/// <summary>
/// A system call that the kernel refused: which operation, on what, and the error number. The lower tier of the project's errors; the
/// layers above translate it into their own kinds.
/// </summary>
public sealed class LinuxException : IOException
{
    /// <summary>Describes a failed call.</summary>
    /// <param name="operation">The call in man-page notation, for example <c>mount(2)</c>.</param>
    /// <param name="subject">The path, name or value it was about; null when there is none.</param>
    /// <param name="errno">What the kernel answered.</param>
    public LinuxException(string operation, string? subject, Errno errno)
        : base(Describe(operation, subject, errno))
    {
        Operation = operation;
        Subject = subject;
        Errno = errno;
        HResult = (int)errno;
    }

    /// <summary>The call, in man-page notation.</summary>
    public string Operation { get; }

    /// <summary>The path, name or value that the call was about.</summary>
    public string? Subject { get; }

    /// <summary>The kernel's answer.</summary>
    public Errno Errno { get; }

    private static string Describe(string operation, string? subject, Errno errno) =>
        subject is null ? $"{operation}: {errno.Describe()}" : $"{operation} \"{subject}\": {errno.Describe()}";
}
