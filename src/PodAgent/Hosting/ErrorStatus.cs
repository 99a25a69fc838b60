using Grpc.Core;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;

namespace PodAgent.Hosting;

/// <summary>The one place where failures become gRPC status codes.</summary>
internal static class ErrorStatus
{
    /// <summary>The status for a failure; null for one that nobody foresaw, which must not leak its text to callers.</summary>
    public static RpcException? Map(Exception failure) => failure switch
    {
        RpcException already => already,
        AgentException known => new RpcException(new Status(Code(known.Kind), known.Message, known)),
        SandboxFailureException launch => new RpcException(new Status(StatusCode.Internal, launch.Message, launch)),
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE } full =>
            new RpcException(new Status(StatusCode.ResourceExhausted, full.Message, full)),
        LinuxException refused => new RpcException(new Status(StatusCode.Internal, refused.Message, refused)),
        OperationCanceledException => new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled")),
        TimeoutException late => new RpcException(new Status(StatusCode.DeadlineExceeded, late.Message, late)),
        IOException broken => new RpcException(new Status(StatusCode.Internal, broken.Message, broken)),
        _ => null,
    };

    private static StatusCode Code(ErrorKind kind) => kind switch
    {
        ErrorKind.Internal => StatusCode.Internal,
        ErrorKind.InvalidArgument => StatusCode.InvalidArgument,
        ErrorKind.NotFound => StatusCode.NotFound,
        ErrorKind.AlreadyExists => StatusCode.AlreadyExists,
        ErrorKind.FailedPrecondition => StatusCode.FailedPrecondition,
        ErrorKind.ResourceExhausted => StatusCode.ResourceExhausted,
        ErrorKind.Unavailable => StatusCode.Unavailable,
        ErrorKind.Cancelled => StatusCode.Cancelled,
        ErrorKind.DeadlineExceeded => StatusCode.DeadlineExceeded,
        ErrorKind.PermissionDenied => StatusCode.PermissionDenied,
        ErrorKind.Unimplemented => StatusCode.Unimplemented,
        ErrorKind.DataLoss => StatusCode.DataLoss,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
