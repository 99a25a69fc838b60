namespace PodAgent.Rpc.Server;

/// <summary>What the calls of one endpoint share.</summary>
internal sealed record HttpCallEnvironment(RpcServerOptions Options, RunningCalls RunningCalls);
