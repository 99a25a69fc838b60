using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Server;

/// <summary>Puts gRPC services on an ASP.NET Core application.</summary>
public static class RpcEndpoints
{
    /// <summary>
    /// Serves all services of the registry, those included that are added later. Requests that no other route takes come here:
    /// a gRPC request for an unknown method ends in UNIMPLEMENTED, any other request in 404.
    /// </summary>
    /// <param name="app">The application; its endpoints have to speak HTTP/2.</param>
    /// <param name="services">The services.</param>
    /// <param name="options">How they are served.</param>
    public static void MapRpc(this IEndpointRouteBuilder app, RpcServiceRegistry services, RpcServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        var calls = new RunningCalls(options.TimeProvider, options.ShutdownGrace, options.ShutdownMessage);
        app.ServiceProvider.GetService<IHostApplicationLifetime>()?.ApplicationStopping.Register(calls.Stop);
        var environment = new HttpCallEnvironment(options, calls);

        // Routing compares paths without case, gRPC does not: one route takes all, the registry decides.
        IEndpointConventionBuilder route = app.Map("/{**method}", http => DispatchAsync(http, services, environment));
        route.Add(builder =>
        {
            builder.DisplayName = "gRPC";
            ((RouteEndpointBuilder)builder).Order = int.MaxValue;
        });
    }

    /// <summary>Serves one request of any kind.</summary>
    internal static Task DispatchAsync(HttpContext http, RpcServiceRegistry services, HttpCallEnvironment environment)
    {
        bool known = services.TryGet(http.Request.Path.Value ?? "", out RpcHandler? handler);
        if (!ContentTypes.IsGrpc(http.Request.ContentType))
        {
            return known && HttpMethods.IsPost(http.Request.Method)
                ? Refuse(http, StatusCodes.Status415UnsupportedMediaType, $"the content type has to be \"{ContentTypes.Grpc}\"")
                : RefuseMethodOrPath(http, known);
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            return Refuse(
                http, StatusCodes.Status505HttpVersionNotsupported, $"gRPC needs HTTP/2, this request came by {http.Request.Protocol}");
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return RefuseMethodOrPath(http, known: true);
        }

        return handler is not null
            ? handler.HandleAsync(http, environment)
            : HttpCallEnd.WriteAsync(http, new CallOutcome(
                new Status(StatusCode.Unimplemented, $"unknown method \"{http.Request.Path.Value}\""), [], null)).AsTask();
    }

    private static Task RefuseMethodOrPath(HttpContext http, bool known)
    {
        if (!known)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        http.Response.Headers.Allow = HttpMethods.Post;
        return Refuse(http, StatusCodes.Status405MethodNotAllowed, "gRPC requests are POST requests");
    }

    private static Task Refuse(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(reason + "\n");
    }
}
