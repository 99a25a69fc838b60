using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Configuration;
using PodAgent.Linux;
using PodAgent.Linux.Processes;
using PodAgent.Rpc.Server;

namespace PodAgent.Hosting;

/// <summary>
/// Runs the agent. Steps: 1 the state directory is locked; 2 what an earlier agent left is taken over (runtime, then engine); 3 the socket
/// is offered; 4 readiness is told. Stopping takes the same way back and touches no pod.
/// </summary>
internal static class AgentHost
{
    private const uint UsualFileModeMask = 0x12; // 0022

    // Calls end after their grace; what does not go then is a client that does not read.
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="AgentException">What keeps it from running.</exception>
    public static async Task RunAsync(AgentOptions options, CancellationToken stop)
    {
        if (Environment.UserName != "root" && !Environment.IsPrivilegedProcess)
        {
            throw new AgentException(ErrorKind.PermissionDenied, "pods need root: namespaces, mounts and cgroups are made for them");
        }

        if (options.RuntimeEndpoint is null && !File.Exists(options.SandboxBinary))
        {
            // Said now, not by every pod.
            throw new AgentException(ErrorKind.NotFound, $"there is no pod-sandbox program at \"{options.SandboxBinary}\"; every pod needs it");
        }

        // Directories made in root file systems and for volumes have the permissions that they are given, whoever starts the agent.
        ProcessControl.SetFileModeMask(UsualFileModeMask);

        // 1
        using StateLock held = StateLock.Acquire(options.State, "give this one its own --state and --root");
        using ILoggerFactory loggers = AgentLogging.Create(options.LogLevel);
        ILogger log = loggers.CreateLogger("PodAgent");
        log.Starting(AgentVersion.Current, options.NodeName, options.State, options.Root);

        // 2
        RpcServerOptions rpc = RpcOptions(loggers.CreateLogger("PodAgent.Rpc"));
        await using AgentServices services = await AgentServices.OpenAsync(options, rpc, loggers, withManifests: true, stop);

        // 3
        await using RpcServer server = new(services.Registry, rpc, loggers, kestrel => Listen(kestrel, options.Socket));
        await server.StartAsync(stop);
        RestrictSocket(options.Socket);

        // 4
        services.Health.SetStatus("", Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving);
        SystemdNotification.Send("READY=1");
        using SystemdWatchdog? watchdog = SystemdWatchdog.Start(
            Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), TimeProvider.System, SystemdNotification.Send);
        log.Ready(options.Socket);
        MachineReport.Write(log);
        // Opening reads images and builds filters.
        IdleMemory.Return();
        await using IdleMemory memory = new(TimeProvider.System);

        await UntilStoppedAsync(stop);
        log.Stopping();
        SystemdNotification.Send("STOPPING=1");
        services.Health.Shutdown();
        using var patience = new CancellationTokenSource(s_stopPatience);
        await server.StopAsync(patience.Token);
    }

    private static void Listen(KestrelServerOptions kestrel, string socket)
    {
        // An agent that was killed leaves its socket; the lock says that nobody listens there.
        File.Delete(socket);
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
    }

    private static RpcServerOptions RpcOptions(ILogger log) => new()
    {
        // Watches, logs and sessions never end by themselves; the others take milliseconds.
        ShutdownGrace = TimeSpan.FromSeconds(1),
        ShutdownMessage = "the agent is shutting down",
        ExceptionMapper = ErrorStatus.Map,
        CallEnded = call => log.CallEnded(call),
    };

    private static void RestrictSocket(string path) => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private static async Task UntilStoppedAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
        await stopped.Task;
    }
}
