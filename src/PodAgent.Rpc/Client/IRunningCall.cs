using Grpc.Core;

namespace PodAgent.Rpc.Client;

/// <summary>A call that its channel can end.</summary>
internal interface IRunningCall
{
    void Cancel(Status status);
}
