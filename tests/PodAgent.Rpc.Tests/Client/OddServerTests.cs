using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Client;

/// <summary>What the client makes of servers that do not behave.</summary>
public sealed class OddServerTests
{
    private static readonly byte[] s_answer = RawClient.Frame(0, new EchoResponse { Text = "x" }.ToByteArray());

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    public async Task Response_HttpStatusOnly_IsMapped(int http, StatusCode expected)
    {
        Status status = await CallAsync(context =>
        {
            context.Response.StatusCode = http;
            return context.Response.WriteAsync("no gRPC here");
        });

        Assert.Equal(expected, status.StatusCode);
        Assert.Contains($"{http}", status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0, StatusCode.Internal)]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xB, StatusCode.ResourceExhausted)]
    [InlineData(0xC, StatusCode.PermissionDenied)]
    public async Task Response_Reset_IsMapped(int error, StatusCode expected)
    {
        Status status = await CallAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(error);
        });

        Assert.Equal(expected, status.StatusCode);
    }

    [Theory]
    [InlineData(0xB, StatusCode.ResourceExhausted)]
    [InlineData(0x1, StatusCode.Internal)]
    public async Task Response_ResetBeforeHeaders_IsMapped(int error, StatusCode expected)
    {
        Status status = await CallAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(error);
            return Task.CompletedTask;
        });

        Assert.Equal(expected, status.StatusCode);
    }

    [Fact]
    public async Task Response_ConnectionLost_IsUnavailable()
    {
        Status status = await CallAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            context.Features.GetRequiredFeature<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>().Abort();
        });

        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
    }

    [Fact]
    public async Task Response_OtherContentType_IsUnknown()
    {
        Status status = await CallAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html>");
        });

        Assert.Equal(StatusCode.Unknown, status.StatusCode);
        Assert.Contains("text/html", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_WithoutStatus_IsUnknown() =>
        Assert.Equal(StatusCode.Unknown, (await CallAsync(context => AnswerAsync(context, s_answer, null))).StatusCode);

    [Fact]
    public async Task Response_WithoutMessage_IsInternal() =>
        Assert.Equal(StatusCode.Internal, (await CallAsync(context => AnswerAsync(context, [], "0"))).StatusCode);

    [Fact]
    public async Task Response_TwoMessages_IsInternal() =>
        Assert.Equal(StatusCode.Internal, (await CallAsync(context => AnswerAsync(context, [.. s_answer, .. s_answer], "0"))).StatusCode);

    [Fact]
    public async Task Response_HalfAMessage_IsInternal() =>
        Assert.Equal(StatusCode.Internal, (await CallAsync(context => AnswerAsync(context, s_answer[..^1], "0"))).StatusCode);

    [Fact]
    public async Task Response_UnknownStatusNumber_IsUnknown() =>
        Assert.Equal(StatusCode.Unknown, (await CallAsync(context => AnswerAsync(context, s_answer, "77"))).StatusCode);

    [Fact]
    public async Task Response_ForeignEncoding_IsInternal() =>
        Assert.Equal(
            StatusCode.Internal,
            (await CallAsync(context =>
            {
                context.Response.Headers["grpc-encoding"] = "zstd";
                return AnswerAsync(context, s_answer, "0");
            })).StatusCode);

    [Fact]
    public async Task Response_OverTheLimit_IsResourceExhaustedWithSizes()
    {
        Status status = await CallAsync(
            context => AnswerAsync(context, RawClient.Frame(0, new byte[2000]), "0"),
            new RpcChannelOptions { MaxReceiveMessageSize = 1999 });

        Assert.Equal(new Status(StatusCode.ResourceExhausted, "received a message of 2000 bytes, the limit is 1999 bytes"), status);
    }

    [Fact]
    public async Task Request_OverTheLimit_IsResourceExhaustedAndNotSent()
    {
        bool called = false;
        Status status = await CallAsync(
            context =>
            {
                called = true;
                return Task.CompletedTask;
            },
            new RpcChannelOptions { MaxSendMessageSize = 10 });

        Assert.Equal(StatusCode.ResourceExhausted, status.StatusCode);
        Assert.False(called);
    }

    [Fact]
    public async Task Request_OverTheLimitInAStream_FailsTheWriteOnly()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(new EchoServer());
        await using RpcChannel channel = RpcChannel.ForAddress(server.Address, new RpcChannelOptions { MaxSendMessageSize = 100 });
        using AsyncClientStreamingCall<EchoRequest, EchoResponse> call = new EchoService.EchoServiceClient(channel).Collect();

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            () => call.RequestStream.WriteAsync(new EchoRequest { Text = new string('x', 200) }));
        await call.RequestStream.WriteAsync(new EchoRequest { Text = "short" });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("short", (await call).Text);
    }

    [Fact]
    public async Task Response_TrailersOnly_HasMessageAndMetadata()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(app => app.Map("/{**path}", (RequestDelegate)(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "5";
            context.Response.Headers["grpc-message"] = "gr%C3%B6%C3%9Fer als 100%25, 5% bleibt";
            context.Response.Headers["note"] = "seen";
            return Task.CompletedTask;
        })));
        await using RpcChannel channel = RpcChannel.ForAddress(server.Address);

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest()));

        Assert.Equal(new Status(StatusCode.NotFound, "größer als 100%, 5% bleibt"), error.Status);
        Assert.Equal("seen", error.Trailers.GetValue("note"));
    }

    private static async Task AnswerAsync(HttpContext context, byte[] body, string? status)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(body);
        await context.Response.Body.FlushAsync();
        if (status is not null)
        {
            context.Response.AppendTrailer("grpc-status", status);
        }
    }

    private static async Task<Status> CallAsync(RequestDelegate serve, RpcChannelOptions? options = null)
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(app => app.Map("/{**path}", serve));
        await using RpcChannel channel = RpcChannel.ForAddress(server.Address, options);
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { Text = "more than ten bytes" }));
        return error.Status;
    }
}
