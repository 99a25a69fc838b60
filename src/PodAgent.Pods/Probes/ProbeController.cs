using System.Collections.Concurrent;
using PodAgent.Pods.Events;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Status;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Probes;

/// <summary>Keeps a probe worker for every probe of every running attempt, and hands out what they have found.</summary>
internal sealed class ProbeController
{
    private readonly ProbeRunner _runner;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, PodProbes> _pods = new(StringComparer.Ordinal);

    public ProbeController(ProbeRunner runner, EventRecorder events, TimeProvider time)
    {
        _runner = runner;
        _events = events;
        _time = time;
    }

    /// <summary>Matches the workers with what runs. A worker is told when a verdict changes.</summary>
    /// <param name="worker">The pod's worker; its last status says what an attempt had passed before this agent came.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="runtime">What runs.</param>
    /// <param name="mayStart">False while the pod ends: nothing new is probed.</param>
    public void Reconcile(PodWorker worker, Core.Pod pod, PodRuntimeStatus runtime, bool mayStart)
    {
        List<(Core.Container Container, bool Init)> probed =
        [
            .. pod.Spec.InitContainers.Where(c => c.IsSidecar() && HasProbe(c)).Select(c => (c, true)),
            .. pod.Spec.Containers.Where(HasProbe).Select(c => (c, false)),
        ];
        if (probed.Count == 0 && !_pods.ContainsKey(worker.Uid))
        {
            return;
        }

        PodProbes probes = _pods.GetOrAdd(worker.Uid, _ => new PodProbes());
        lock (probes)
        {
            HashSet<string> running = [];
            foreach ((Core.Container container, bool init) in probed)
            {
                ContainerRecord? latest = runtime.Latest(container.Name);
                if (latest is not { State: ContainerRunState.Running })
                {
                    continue;
                }

                running.Add(latest.Id);
                if (mayStart && !probes.ByContainer.ContainsKey(latest.Id))
                {
                    probes.ByContainer[latest.Id] = StartAll(worker, pod, container, init, latest, runtime.NewestSandbox);
                }
            }

            foreach (string gone in probes.ByContainer.Keys.Except(running).ToList())
            {
                probes.ByContainer.Remove(gone, out Dictionary<ProbeKind, ProbeWorker>? workers);
                StopAll(workers!.Values);
            }
        }
    }

    public ProbeSnapshot Snapshot(string uid)
    {
        if (!_pods.TryGetValue(uid, out PodProbes? probes))
        {
            return ProbeSnapshot.None;
        }

        HashSet<string> livenessFailed = [], startupFailed = [], notStarted = [], notReady = [];
        lock (probes)
        {
            foreach ((string id, Dictionary<ProbeKind, ProbeWorker> workers) in probes.ByContainer)
            {
                AddIf(workers, ProbeKind.Liveness, v => v == ProbeResult.Failure, id, livenessFailed);
                AddIf(workers, ProbeKind.Startup, v => v == ProbeResult.Failure, id, startupFailed);
                AddIf(workers, ProbeKind.Startup, v => v != ProbeResult.Success, id, notStarted);
                AddIf(workers, ProbeKind.Readiness, v => v != ProbeResult.Success, id, notReady);
            }
        }

        return new ProbeSnapshot { LivenessFailed = livenessFailed, StartupFailed = startupFailed, NotStarted = notStarted, NotReady = notReady };
    }

    /// <summary>A pod that ends is not restarted any more: only readiness goes on.</summary>
    public void StopHealthChecks(string uid) => Stop(uid, kind => kind != ProbeKind.Readiness);

    public void Stop(string uid)
    {
        Stop(uid, _ => true);
        _pods.TryRemove(uid, out _);
    }

    private void Stop(string uid, Func<ProbeKind, bool> which)
    {
        if (!_pods.TryGetValue(uid, out PodProbes? probes))
        {
            return;
        }

        lock (probes)
        {
            StopAll(probes.ByContainer.Values.SelectMany(w => w).Where(w => which(w.Key)).Select(w => w.Value));
        }
    }

    private Dictionary<ProbeKind, ProbeWorker> StartAll(
        PodWorker worker, Core.Pod pod, Core.Container container, bool init, ContainerRecord record, SandboxRecord? sandbox)
    {
        // Attempts that ran before this agent came keep what they had: its restart must not flip readiness.
        Core.ContainerStatus? before = worker.Memory.Status?.InitContainerStatuses.Concat(worker.Memory.Status.ContainerStatuses)
            .FirstOrDefault(s => s.ContainerID == ContainerStatusBuilder.Scheme + record.Id && s.State.Running is not null);
        // On the host's network the pod's address is the node's, as its status says.
        string podIp = sandbox?.Ips.FirstOrDefault() ?? worker.Memory.Status?.PodIP ?? "";
        ProbeTarget target = new(pod, container, init, record.Id, record.StartedAt ?? record.CreatedAt, podIp);
        Dictionary<ProbeKind, ProbeWorker> workers = [];
        Add(ProbeKind.Startup, container.StartupProbe, before is { Started: true });
        Add(ProbeKind.Liveness, container.LivenessProbe, false);
        Add(ProbeKind.Readiness, container.ReadinessProbe, before is { Ready: true });

        Task started = workers.TryGetValue(ProbeKind.Startup, out ProbeWorker? startup) ? startup.Passed : Task.CompletedTask;
        foreach ((ProbeKind kind, ProbeWorker probe) in workers)
        {
            probe.Start(kind == ProbeKind.Startup ? Task.CompletedTask : started);
        }

        return workers;

        void Add(ProbeKind kind, Core.Probe? probe, bool passed)
        {
            if (probe is not null)
            {
                workers[kind] = new ProbeWorker(target, kind, probe, passed, _runner, _events, _time, worker.Notify);
            }
        }
    }

    private static bool HasProbe(Core.Container container) =>
        container.StartupProbe is not null || container.LivenessProbe is not null || container.ReadinessProbe is not null;

    private static void AddIf(
        Dictionary<ProbeKind, ProbeWorker> workers, ProbeKind kind, Func<ProbeResult, bool> holds, string id, HashSet<string> to)
    {
        if (workers.TryGetValue(kind, out ProbeWorker? worker) && holds(worker.Verdict))
        {
            to.Add(id);
        }
    }

    private static void StopAll(IEnumerable<ProbeWorker> workers)
    {
        foreach (ProbeWorker worker in workers)
        {
            worker.Stop();
        }
    }

    private sealed class PodProbes
    {
        public Dictionary<string, Dictionary<ProbeKind, ProbeWorker>> ByContainer { get; } = new(StringComparer.Ordinal);
    }
}
