using Grpc.Core;

namespace PodAgent.Rpc.Protocol;

internal static class MessageLimits
{
    internal const int DefaultReceive = 16 * 1024 * 1024;

    internal static RpcException ReceivedTooLarge(string size, int limit) => new(new Status(
        StatusCode.ResourceExhausted, $"received a message of {size}, the limit is {limit} bytes"));

    internal static void CheckSend(long size, int limit)
    {
        if (size > limit)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"cannot send a message of {size} bytes, the limit is {limit} bytes"));
        }
    }
}
