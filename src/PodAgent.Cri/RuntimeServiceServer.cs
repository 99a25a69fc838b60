using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Cri.Containers;
using PodAgent.Cri.Metrics;
using PodAgent.Cri.Node;
using PodAgent.Cri.Sandboxes;
using PodAgent.Cri.Streams;
using PodAgent.Linux;

namespace PodAgent.Cri;

/// <summary>CRI's RuntimeService; each call has a class of its own, and this one only finds it.</summary>
public sealed class RuntimeServiceServer : RuntimeService.RuntimeServiceBase
{
    private const string NoCheckpoints =
        "checkpoint and restore are not offered: the processes' memory and descriptors would have to be saved by CRIU, which this runtime does not drive";

    private readonly CriContext _runtime;
    private readonly RunPodSandbox _runSandbox;
    private readonly StopPodSandbox _stopSandbox;
    private readonly RemovePodSandbox _removeSandbox;
    private readonly GetPodSandboxStatus _sandboxStatus;
    private readonly ListPodSandbox _listSandboxes;
    private readonly GetPodSandboxStats _sandboxStats;
    private readonly CreateContainer _create;
    private readonly StartContainer _start;
    private readonly StopContainer _stop;
    private readonly RemoveContainer _remove;
    private readonly GetContainerStatus _status;
    private readonly ListContainers _list;
    private readonly GetContainerStats _stats;
    private readonly UpdateContainerResources _update;
    private readonly ReopenContainerLog _reopenLog;
    private readonly ExecSync _execSync;
    private readonly PrepareExec _exec;
    private readonly PrepareAttach _attach;
    private readonly PreparePortForward _portForward;
    private readonly GetPodSandboxMetrics _metrics;
    private readonly UpdatePodSandboxResources _updateSandbox;
    private readonly UpdateRuntimeConfig _updateConfig;
    private readonly GetStatus _runtimeStatus;

    internal RuntimeServiceServer(CriContext runtime, ExecLauncher execs, StreamingServer streaming)
    {
        _runtime = runtime;
        _stop = new StopContainer(runtime);
        _remove = new RemoveContainer(runtime, _stop);
        _create = new CreateContainer(runtime, _remove);
        _start = new StartContainer(runtime);
        _status = new GetContainerStatus(runtime);
        _list = new ListContainers(runtime);
        _stats = new GetContainerStats(runtime);
        _update = new UpdateContainerResources(runtime);
        _reopenLog = new ReopenContainerLog(runtime);
        _execSync = new ExecSync(runtime, execs);
        _runSandbox = new RunPodSandbox(runtime);
        _stopSandbox = new StopPodSandbox(runtime, _stop);
        _removeSandbox = new RemovePodSandbox(runtime, _stopSandbox, _remove);
        _sandboxStatus = new GetPodSandboxStatus(runtime);
        _listSandboxes = new ListPodSandbox(runtime);
        _sandboxStats = new GetPodSandboxStats(runtime, _stats);
        _exec = new PrepareExec(runtime, streaming);
        _attach = new PrepareAttach(runtime, streaming);
        _portForward = new PreparePortForward(runtime, streaming);
        _metrics = new GetPodSandboxMetrics(runtime);
        _updateSandbox = new UpdatePodSandboxResources(runtime);
        _updateConfig = new UpdateRuntimeConfig(runtime);
        _runtimeStatus = new GetStatus(runtime);
    }

    /// <inheritdoc/>
    public override Task<VersionResponse> Version(VersionRequest request, ServerCallContext context) => Task.FromResult(new VersionResponse
    {
        Version = RuntimeInformation.KubeletApiVersion,
        RuntimeName = RuntimeInformation.Name,
        RuntimeVersion = _runtime.Options.Version,
        RuntimeApiVersion = RuntimeInformation.ApiVersion,
    });

    /// <inheritdoc/>
    public override Task<RunPodSandboxResponse> RunPodSandbox(RunPodSandboxRequest request, ServerCallContext context) =>
        _runSandbox.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<StopPodSandboxResponse> StopPodSandbox(StopPodSandboxRequest request, ServerCallContext context) =>
        _stopSandbox.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<RemovePodSandboxResponse> RemovePodSandbox(RemovePodSandboxRequest request, ServerCallContext context) =>
        _removeSandbox.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<PodSandboxStatusResponse> PodSandboxStatus(PodSandboxStatusRequest request, ServerCallContext context) =>
        Task.FromResult(_sandboxStatus.Invoke(request));

    /// <inheritdoc/>
    public override Task<ListPodSandboxResponse> ListPodSandbox(ListPodSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(_listSandboxes.Invoke(request));

    /// <inheritdoc/>
    public override Task StreamPodSandboxes(
        StreamPodSandboxesRequest request, IServerStreamWriter<StreamPodSandboxesResponse> responseStream, ServerCallContext context) =>
        _listSandboxes.StreamAsync(request.Filter, message => responseStream.WriteAsync(message, context.CancellationToken));

    /// <inheritdoc/>
    public override Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, ServerCallContext context) =>
        _create.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<StartContainerResponse> StartContainer(StartContainerRequest request, ServerCallContext context) =>
        _start.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<StopContainerResponse> StopContainer(StopContainerRequest request, ServerCallContext context) =>
        _stop.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<RemoveContainerResponse> RemoveContainer(RemoveContainerRequest request, ServerCallContext context) =>
        _remove.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context) =>
        Task.FromResult(_list.Invoke(request));

    /// <inheritdoc/>
    public override Task StreamContainers(
        StreamContainersRequest request, IServerStreamWriter<StreamContainersResponse> responseStream, ServerCallContext context) =>
        _list.StreamAsync(request.Filter, message => responseStream.WriteAsync(message, context.CancellationToken));

    /// <inheritdoc/>
    public override Task<ContainerStatusResponse> ContainerStatus(ContainerStatusRequest request, ServerCallContext context) =>
        Task.FromResult(_status.Invoke(request));

    /// <inheritdoc/>
    public override Task<UpdateContainerResourcesResponse> UpdateContainerResources(
        UpdateContainerResourcesRequest request, ServerCallContext context) =>
        _update.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ReopenContainerLogResponse> ReopenContainerLog(ReopenContainerLogRequest request, ServerCallContext context) =>
        _reopenLog.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ExecSyncResponse> ExecSync(ExecSyncRequest request, ServerCallContext context) =>
        _execSync.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ExecResponse> Exec(ExecRequest request, ServerCallContext context) =>
        _exec.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<AttachResponse> Attach(AttachRequest request, ServerCallContext context) =>
        _attach.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<PortForwardResponse> PortForward(PortForwardRequest request, ServerCallContext context) =>
        _portForward.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ContainerStatsResponse> ContainerStats(ContainerStatsRequest request, ServerCallContext context) =>
        Task.FromResult(_stats.Invoke(request));

    /// <inheritdoc/>
    public override Task<ListContainerStatsResponse> ListContainerStats(ListContainerStatsRequest request, ServerCallContext context) =>
        Task.FromResult(_stats.List(request));

    /// <inheritdoc/>
    public override Task StreamContainerStats(
        StreamContainerStatsRequest request, IServerStreamWriter<StreamContainerStatsResponse> responseStream, ServerCallContext context) =>
        _stats.StreamAsync(request.Filter, message => responseStream.WriteAsync(message, context.CancellationToken));

    /// <inheritdoc/>
    public override Task<PodSandboxStatsResponse> PodSandboxStats(PodSandboxStatsRequest request, ServerCallContext context) =>
        Task.FromResult(_sandboxStats.Invoke(request));

    /// <inheritdoc/>
    public override Task<ListPodSandboxStatsResponse> ListPodSandboxStats(ListPodSandboxStatsRequest request, ServerCallContext context) =>
        Task.FromResult(_sandboxStats.List(request));

    /// <inheritdoc/>
    public override Task StreamPodSandboxStats(
        StreamPodSandboxStatsRequest request, IServerStreamWriter<StreamPodSandboxStatsResponse> responseStream, ServerCallContext context) =>
        _sandboxStats.StreamAsync(request.Filter, message => responseStream.WriteAsync(message, context.CancellationToken));

    /// <inheritdoc/>
    public override Task<UpdateRuntimeConfigResponse> UpdateRuntimeConfig(UpdateRuntimeConfigRequest request, ServerCallContext context) =>
        _updateConfig.InvokeAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<StatusResponse> Status(StatusRequest request, ServerCallContext context) =>
        Task.FromResult(_runtimeStatus.Invoke(request));

    /// <inheritdoc/>
    public override Task<CheckpointContainerResponse> CheckpointContainer(CheckpointContainerRequest request, ServerCallContext context) =>
        Refuse<CheckpointContainerResponse>(NoCheckpoints);

    /// <inheritdoc/>
    public override Task<CheckpointPodResponse> CheckpointPod(CheckpointPodRequest request, ServerCallContext context) =>
        Refuse<CheckpointPodResponse>(NoCheckpoints);

    /// <inheritdoc/>
    public override Task<RestorePodResponse> RestorePod(RestorePodRequest request, ServerCallContext context) =>
        Refuse<RestorePodResponse>(NoCheckpoints);

    /// <inheritdoc/>
    public override Task GetContainerEvents(
        GetEventsRequest request, IServerStreamWriter<ContainerEventResponse> responseStream, ServerCallContext context) =>
        _runtime.Events.StreamAsync(message => responseStream.WriteAsync(message, context.CancellationToken), context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ListMetricDescriptorsResponse> ListMetricDescriptors(
        ListMetricDescriptorsRequest request, ServerCallContext context) =>
        Task.FromResult(GetPodSandboxMetrics.Descriptors());

    /// <inheritdoc/>
    public override Task<ListPodSandboxMetricsResponse> ListPodSandboxMetrics(
        ListPodSandboxMetricsRequest request, ServerCallContext context) =>
        Task.FromResult(_metrics.List());

    /// <inheritdoc/>
    public override Task StreamPodSandboxMetrics(
        StreamPodSandboxMetricsRequest request, IServerStreamWriter<StreamPodSandboxMetricsResponse> responseStream, ServerCallContext context) =>
        _metrics.StreamAsync(message => responseStream.WriteAsync(message, context.CancellationToken));

    /// <inheritdoc/>
    public override Task<RuntimeConfigResponse> RuntimeConfig(RuntimeConfigRequest request, ServerCallContext context) =>
        Task.FromResult(new RuntimeConfigResponse { Linux = new LinuxRuntimeConfiguration { CgroupDriver = _runtime.Options.CgroupDriver } });

    /// <inheritdoc/>
    public override Task<UpdatePodSandboxResourcesResponse> UpdatePodSandboxResources(
        UpdatePodSandboxResourcesRequest request, ServerCallContext context) =>
        _updateSandbox.InvokeAsync(request, context.CancellationToken);

    private static Task<T> Refuse<T>(string why) => Task.FromException<T>(new AgentException(ErrorKind.Unimplemented, why));
}
