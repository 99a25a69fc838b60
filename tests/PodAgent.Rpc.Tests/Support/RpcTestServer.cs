using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PodAgent.Rpc.Server;

namespace PodAgent.Rpc.Tests.Support;

/// <summary>A Kestrel on a Unix socket in a directory of its own, or with TLS on a loopback port.</summary>
internal sealed class RpcTestServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly WebApplication _app;

    private RpcTestServer(DirectoryInfo directory, WebApplication app, string address)
    {
        _directory = directory;
        _app = app;
        Address = address;
    }

    public string Address { get; }

    public string SocketPath => Path.Combine(_directory.FullName, "s");

    public static Task<RpcTestServer> StartAsync(
        EchoServer echo, RpcServerOptions? options = null, bool tls = false, bool http1 = false, string? socketDirectory = null) =>
        StartAsync(
            app =>
            {
                app.MapGet("/healthz", () => "ok");
                app.MapRpc(MakeRegistry(echo), options ?? new RpcServerOptions());
            },
            tls,
            http1,
            socketDirectory);

    public static RpcServiceRegistry MakeRegistry(EchoServer echo)
    {
        var services = new RpcServiceRegistry();
        services.Add(Echo.EchoService.BindService(echo), () => Echo.EchoReflection.Descriptor);
        services.Add(Grpc.Health.V1.Health.BindService(new HealthService()), () => Grpc.Health.V1.HealthReflection.Descriptor);
        services.AddReflection();
        return services;
    }

    public static async Task<RpcTestServer> StartAsync(
        Action<WebApplication> map, bool tls = false, bool http1 = false, string? socketDirectory = null)
    {
        DirectoryInfo directory = socketDirectory is null
            ? Directory.CreateTempSubdirectory("rpc-test-")
            : new DirectoryInfo(socketDirectory);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.UseRpcDefaults();
            void Listen(ListenOptions listen) => listen.Protocols = http1 ? HttpProtocols.Http1 : HttpProtocols.Http2;
            if (tls)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    Listen(listen);
                    listen.UseHttps(new HttpsConnectionAdapterOptions
                    {
                        ServerCertificate = TestCertificates.Server,
                        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                        ClientCertificateValidation = (certificate, _, _) => TestCertificates.IsIssuedByAuthority(certificate),
                    });
                });
            }
            else
            {
                kestrel.ListenUnixSocket(Path.Combine(directory.FullName, "s"), Listen);
            }
        });
        if (tls)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync();
        string address = tls
            ? app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()
            : "unix://" + Path.Combine(directory.FullName, "s");
        return new RpcTestServer(directory, app, address);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_directory.Exists)
        {
            _directory.Delete(recursive: true);
        }
    }
}
