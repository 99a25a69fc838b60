using Grpc.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Configuration;
using PodAgent.Cri;
using PodAgent.Linux.Probing;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;

namespace PodAgent.Hosting;

/// <summary>
/// <c>podagent cleanup</c>: ends every pod and removes what the agent made, as an agent that takes over and wants nothing any more. Steps:
/// 1 take over without manifests, so that their pods belong to nobody; 2 delete the accepted pods; 3 wait for all of them; 4 remove sandboxes
/// that other clients of the socket made; 5 network, cgroups and the state directory. Without a state directory nothing says what was made:
/// then what bears the agent's names is removed.
/// </summary>
internal static class AgentCleanup
{
    public static async Task RunAsync(AgentOptions options, CancellationToken cancel)
    {
        // Of an agent that was killed in its first moment.
        MachineProbes.RemoveAbandoned();
        if (!Directory.Exists(options.State))
        {
            if (options.RuntimeEndpoint is null)
            {
                await CriRuntime.RemoveTracesAsync(AgentServices.RuntimeOptions(options), TimeProvider.System);
            }

            return;
        }

        using (StateLock held = StateLock.Acquire(options.State, "stop it first"))
        {
            using ILoggerFactory loggers = AgentLogging.Create(LogLevel.Warning);
            var rpc = new RpcServerOptions { ExceptionMapper = ErrorStatus.Map };

            // 1
            await using AgentServices services = await AgentServices.OpenAsync(options, rpc, loggers, withManifests: false, cancel);
            // 2 and 3
            await DeletePodsAsync(new PodService.PodServiceClient(new InProcessCallInvoker(services.Registry, rpc)), cancel);
            // 4
            await RemoveSandboxesAsync(new RuntimeService.RuntimeServiceClient(services.Cri), cancel);
            // 5
            if (services.Runtime is { } runtime)
            {
                await runtime.RemoveAllAsync(cancel);
            }
        }

        Directory.Delete(options.State, recursive: true);
    }

    private static async Task DeletePodsAsync(PodService.PodServiceClient pods, CancellationToken cancel)
    {
        using AsyncServerStreamingCall<PodWatchEvent> watch = pods.WatchPods(new ListPodsRequest(), cancellationToken: cancel);
        var left = new HashSet<string>();
        bool listed = false;
        while ((!listed || left.Count > 0) && await watch.ResponseStream.MoveNext(cancel))
        {
            PodWatchEvent change = watch.ResponseStream.Current;
            switch (change.Type)
            {
                case PodWatchEvent.Types.Type.Bookmark:
                    listed = true;
                    break;
                case PodWatchEvent.Types.Type.Added:
                    left.Add(change.Pod.Metadata.Uid);
                    await DeleteAsync(pods, change.Pod.Metadata, cancel);
                    break;
                case PodWatchEvent.Types.Type.Deleted:
                    left.Remove(change.Pod.Metadata.Uid);
                    break;
            }
        }
    }

    private static async Task DeleteAsync(PodService.PodServiceClient pods, Api.Meta.ObjectMeta pod, CancellationToken cancel)
    {
        try
        {
            var request = new DeletePodRequest { Namespace = pod.Namespace, Name = pod.Name, Uid = pod.Uid, GracePeriodSeconds = 0 };
            await pods.DeletePodAsync(request, cancellationToken: cancel);
        }
        catch (RpcException gone) when (gone.StatusCode == StatusCode.NotFound)
        {
            // It ended between the watch's word and this call.
        }
    }

    private static async Task RemoveSandboxesAsync(RuntimeService.RuntimeServiceClient cri, CancellationToken cancel)
    {
        ListPodSandboxResponse sandboxes = await cri.ListPodSandboxAsync(new ListPodSandboxRequest(), cancellationToken: cancel);
        foreach (PodSandbox sandbox in sandboxes.Items)
        {
            await cri.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: cancel);
            await cri.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox.Id }, cancellationToken: cancel);
        }
    }
}
