using Grpc.Core;
using PodAgent.Cli.Connection;

namespace PodAgent.Cli.Tests.Connection;

public class FailureTextTests
{
    [Theory]
    [InlineData(StatusCode.NotFound, "pods \"web\" not found", null, "Error from podagent (NotFound): pods \"web\" not found")]
    [InlineData(StatusCode.Unavailable, "cannot connect", null, "error: cannot connect; is podagent running?")]
    [InlineData(StatusCode.Unavailable, "the agent is shutting down", null, "error: the agent is shutting down")]
    [InlineData(StatusCode.Unavailable, "cannot connect to \"unix:///x\": Permission denied", null, "error: cannot connect to \"unix:///x\": Permission denied; only root may use the agent's socket, run podctl with sudo")]
    [InlineData(StatusCode.InvalidArgument, "bad selector", null, "Error from podagent (InvalidArgument): bad selector")]
    [InlineData(StatusCode.InvalidArgument, "spec.containers: Required value", "Pod \"web\"", "The Pod \"web\" is invalid: spec.containers: Required value")]
    [InlineData(StatusCode.InvalidArgument, "a: bad\nb: worse", "Pod \"web\"", "The Pod \"web\" is invalid:\n* a: bad\n* b: worse")]
    [InlineData(StatusCode.InvalidArgument, "a: bad\nb: worse", null, "The request is invalid:\n* a: bad\n* b: worse")]
    public void Describe_FailedCall_ReadsAsKubectl(StatusCode code, string detail, string? subject, string expected) =>
        Assert.Equal(expected, FailureText.Describe(new RpcException(new Status(code, detail)), subject));
}
