using PodAgent.Containers.Supervision;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests;

public sealed class FailuresTests
{
    [Theory]
    [InlineData("find program", Errno.ENOENT, ErrorKind.FailedPrecondition)]
    [InlineData("execute", Errno.ENOEXEC, ErrorKind.FailedPrecondition)]
    [InlineData("enter working directory", Errno.ENOTDIR, ErrorKind.FailedPrecondition)]
    [InlineData("attach", Errno.EPIPE, ErrorKind.FailedPrecondition)]
    [InlineData("exec", Errno.ESRCH, ErrorKind.FailedPrecondition)]
    [InlineData("execute", Errno.ENOMEM, ErrorKind.ResourceExhausted)]
    [InlineData("mount", Errno.ENOENT, ErrorKind.Internal)]
    public void Translate_FailureOfAStep_IsTheUsersOrTheAgents(string step, Errno errno, ErrorKind expected)
    {
        var failure = new SandboxFailureException(step, "/x", errno, "the cause");

        AgentException translated = Assert.IsType<AgentException>(Failures.Translate("cannot start container \"a\"", failure));

        Assert.Equal((expected, "cannot start container \"a\": the cause"), (translated.Kind, translated.Message));
    }
}
