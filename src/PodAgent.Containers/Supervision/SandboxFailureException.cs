using PodAgent.Containers.Protocol;
using PodAgent.Linux;

namespace PodAgent.Containers.Supervision;

/// <summary>
/// An operation of a pod's supervisor that failed: the step of the procedure, what the step was about, and the kernel's answer. It is
/// thrown where the step failed, between clone and exec, and again in the agent with the same content.
/// </summary>
public sealed class SandboxFailureException : Exception
{
    /// <summary>Describes a failure.</summary>
    /// <param name="step">Name of the step: <c>mount</c>, <c>set user</c>, <c>execute</c>.</param>
    /// <param name="subject">The path, name or value that it was about; may be empty.</param>
    /// <param name="errno"><see cref="Errno.None"/> when a check refused and not the kernel.</param>
    /// <param name="message">A whole sentence for people, without the container's name.</param>
    public SandboxFailureException(string step, string subject, Errno errno, string message)
        : base(message)
    {
        Step = step;
        Subject = subject;
        Errno = errno;
    }

    /// <summary>Describes a refused system call.</summary>
    public SandboxFailureException(string step, LinuxException cause)
        : this(step, cause.Subject ?? "", cause.Errno, $"{step}: {cause.Message}")
    {
    }

    /// <summary>Name of the step.</summary>
    public string Step { get; }

    /// <summary>What the step was about.</summary>
    public string Subject { get; }

    /// <summary>The kernel's answer; <see cref="Errno.None"/> when a check refused.</summary>
    public Errno Errno { get; }

    internal static SandboxFailureException From(Failure failure) => new(failure.Step, failure.Subject, (Errno)failure.Errno, failure.Message);

    internal Failure ToFailure() => new() { Step = Step, Subject = Subject, Errno = (int)Errno, Message = Message };
}
