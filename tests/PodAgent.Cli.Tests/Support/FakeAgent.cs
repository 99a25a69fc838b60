using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Rpc.Server;

namespace PodAgent.Cli.Tests.Support;

/// <summary>The agent's services over made-up pods, on a socket of their own; and podctl run against it as a program.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly WebApplication _server;

    private FakeAgent(DirectoryInfo directory, WebApplication server, FakePods pods, FakeContainers containers, FakeImages images)
    {
        _directory = directory;
        _server = server;
        Pods = pods;
        Containers = containers;
        Images = images;
    }

    public FakePods Pods { get; }

    public FakeContainers Containers { get; }

    public FakeImages Images { get; }

    public string Directory => _directory.FullName;

    private string Socket => Path.Combine(Directory, "agent.sock");

    public static async Task<FakeAgent> StartAsync()
    {
        DirectoryInfo directory = System.IO.Directory.CreateTempSubdirectory("podctl-test-");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.UseRpcDefaults();
            kestrel.ListenUnixSocket(Path.Combine(directory.FullName, "agent.sock"), listen => listen.Protocols = HttpProtocols.Http2);
        });
        WebApplication server = builder.Build();
        var pods = new FakePods();
        var containers = new FakeContainers();
        var images = new FakeImages();
        var services = new RpcServiceRegistry();
        services.Add(PodService.BindService(pods));
        services.Add(ContainerStreamService.BindService(containers));
        services.Add(ImageService.BindService(images));
        services.Add(ImageTransferService.BindService(new FakeImageTransfer(images)));
        services.Add(NodeService.BindService(new FakeNode()));
        services.Add(AgentService.BindService(new FakeAgentService(directory.FullName)));
        services.Add(RuntimeService.BindService(new FakeRuntime()));
        services.Add(ProcessService.BindService(new FakeProcesses()));
        server.MapRpc(services, new RpcServerOptions());
        await server.StartAsync();
        return new FakeAgent(directory, server, pods, containers, images);
    }

    public Task<PodctlResult> RunAsync(params string[] arguments) => RunAsync("", arguments);

    /// <summary>Runs podctl with text on its standard input.</summary>
    public async Task<PodctlResult> RunAsync(string input, string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new PodctlResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts podctl; the caller reads and ends it.</summary>
    public Process Start(params string[] arguments) => Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "podctl.dll"), .. arguments]);

    /// <summary>Starts podctl with standard input and output at a terminal.</summary>
    public Process StartAt(string terminal, params string[] arguments) =>
        Start("sh", ["-c", "terminal=$1; shift; exec dotnet \"$0\" \"$@\" < \"$terminal\" > \"$terminal\"", Path.Combine(AppContext.BaseDirectory, "podctl.dll"), terminal, .. arguments]);

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PODAGENT_SOCKET"] = Socket;
        start.Environment["TZ"] = "UTC";
        return Process.Start(start)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
