using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        await using WebApplication server = Serve(options, loggers, services, rpc);
        await server.StartAsync(stop);
        RestrictSocket(options.Socket);

        // 4
        services.Health.SetStatus("", Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving);
        SystemdNotification.Send("READY=1");
        log.Ready(options.Socket);
        ReturnMemory();

        await UntilStoppedAsync(stop);
        log.Stopping();
        SystemdNotification.Send("STOPPING=1");
        services.Health.Shutdown();
        await server.StopAsync(CancellationToken.None);
    }

    // Opening reads images and builds filters: garbage now, megabytes that the collector would keep for a load that need not come.
    private static void ReturnMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static WebApplication Serve(AgentOptions options, ILoggerFactory loggers, AgentServices services, RpcServerOptions rpc)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(loggers);
        // The host's own lifetime would end the program on its own; here the command line's cancellation does.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.UseRpcDefaults();
            // An agent that was killed leaves its socket; the lock says that nobody listens there.
            File.Delete(options.Socket);
            Directory.CreateDirectory(Path.GetDirectoryName(options.Socket)!);
            kestrel.ListenUnixSocket(options.Socket, listen => listen.Protocols = HttpProtocols.Http2);
        });
        WebApplication server = builder.Build();
        server.MapRpc(services.Registry, rpc);
        return server;
    }

    private static RpcServerOptions RpcOptions(ILogger log) => new()
    {
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

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
