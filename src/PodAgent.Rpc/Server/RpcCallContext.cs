using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>What the contexts of all transports share.</summary>
internal abstract class RpcCallContext(IMethod method, CallLifetime lifetime, Metadata requestHeaders) : ServerCallContext
{
    private Metadata? _responseTrailers;

    protected override string MethodCore => method.FullName;

    protected override DateTime DeadlineCore => lifetime.Deadline;

    protected override Metadata RequestHeadersCore => requestHeaders;

    protected override CancellationToken CancellationTokenCore => lifetime.Token;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }
}
