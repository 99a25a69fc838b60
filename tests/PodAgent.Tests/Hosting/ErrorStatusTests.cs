using Grpc.Core;
using PodAgent.Containers.Supervision;
using PodAgent.Hosting;
using PodAgent.Linux;

namespace PodAgent.Tests.Hosting;

public class ErrorStatusTests
{
    public static TheoryData<ErrorKind> Kinds => [.. Enum.GetValues<ErrorKind>()];

    /// <summary>The kinds bear the names of the codes: a new one without a mapping fails here.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Map_EveryKind_IsTheStatusOfItsName(ErrorKind kind)
    {
        Status status = ErrorStatus.Map(new AgentException(kind, "what happened"))!.Status;

        Assert.Equal((Enum.Parse<StatusCode>(kind.ToString()), "what happened"), (status.StatusCode, status.Detail));
    }

    [Theory]
    [InlineData(Errno.ENOSPC, StatusCode.ResourceExhausted)]
    [InlineData(Errno.EDQUOT, StatusCode.ResourceExhausted)]
    [InlineData(Errno.ENOMEM, StatusCode.ResourceExhausted)]
    [InlineData(Errno.EMFILE, StatusCode.ResourceExhausted)]
    [InlineData(Errno.ENFILE, StatusCode.ResourceExhausted)]
    [InlineData(Errno.EPERM, StatusCode.Internal)]
    public void Map_RefusalOfTheKernel_IsInternalUnlessSomethingIsUsedUp(Errno errno, StatusCode expected)
    {
        var refusal = new LinuxException("mount(2)", "/srv", errno);

        Status status = ErrorStatus.Map(refusal)!.Status;

        Assert.Equal((expected, refusal.Message), (status.StatusCode, status.Detail));
    }

    [Fact]
    public void Map_FailedLaunch_KeepsItsWords()
    {
        var failure = new SandboxFailureException("execve", "/bin/none", Errno.ENOENT, "cannot start");

        Assert.Equal((StatusCode.Internal, failure.Message), (ErrorStatus.Map(failure)!.StatusCode, ErrorStatus.Map(failure)!.Status.Detail));
    }

    [Fact]
    public void Map_StatusOfAnotherService_IsHandedOn()
    {
        var status = new RpcException(new Status(StatusCode.Aborted, "as it came"));

        Assert.Same(status, ErrorStatus.Map(status));
    }

    [Fact]
    public void Map_PlatformFailures_HaveTheirCodes()
    {
        Assert.Equal(StatusCode.Cancelled, ErrorStatus.Map(new OperationCanceledException())!.StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, ErrorStatus.Map(new TimeoutException("late"))!.StatusCode);
        Assert.Equal(StatusCode.Internal, ErrorStatus.Map(new IOException("disk"))!.StatusCode);
    }

    [Fact]
    public void Map_WhatNobodyForesaw_HasNoOpinion() => Assert.Null(ErrorStatus.Map(new InvalidOperationException("secret")));
}
