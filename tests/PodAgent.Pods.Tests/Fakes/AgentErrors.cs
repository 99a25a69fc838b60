using Grpc.Core;

namespace PodAgent.Pods.Tests.Fakes;

/// <summary>The executable's mapping of failures, as far as these tests look at it.</summary>
internal static class AgentErrors
{
    public static RpcException? Map(Exception e) => e is AgentException agent
        ? new RpcException(new RpcStatus(
            agent.Kind switch
            {
                ErrorKind.InvalidArgument => StatusCode.InvalidArgument,
                ErrorKind.NotFound => StatusCode.NotFound,
                ErrorKind.AlreadyExists => StatusCode.AlreadyExists,
                ErrorKind.FailedPrecondition => StatusCode.FailedPrecondition,
                ErrorKind.ResourceExhausted => StatusCode.ResourceExhausted,
                ErrorKind.Unavailable => StatusCode.Unavailable,
                _ => StatusCode.Internal,
            },
            agent.Message))
        : null;
}
