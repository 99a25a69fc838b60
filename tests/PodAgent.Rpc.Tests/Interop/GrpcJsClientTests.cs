using System.Diagnostics;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Interop;

/// <summary>The client of grpc-js against the server here.</summary>
public sealed class GrpcJsClientTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_EveryCase_Passes(bool tls)
    {
        var echo = new EchoServer();
        await using RpcTestServer server = await RpcTestServer.StartAsync(echo, new RpcServerOptions { CompressResponses = true }, tls);
        DirectoryInfo certificates = Directory.CreateTempSubdirectory("rpc-test-");
        try
        {
            Node.WriteCertificates(certificates.FullName);
            string[] arguments = tls
                ? [new Uri(server.Address).Authority, Node.Protos, certificates.FullName]
                : [server.Address, Node.Protos];
            using Process node = Node.Start("client.js", arguments);
            string output = await node.StandardOutput.ReadToEndAsync().WaitAsync(s_patience);
            string errors = await node.StandardError.ReadToEndAsync().WaitAsync(s_patience);

            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length > 20 && lines[..^1].All(line => line.StartsWith("ok ", StringComparison.Ordinal)), output + errors);
            Assert.Equal("done", lines[^1]);
        }
        finally
        {
            certificates.Delete(recursive: true);
        }

        // One call ran into its deadline, one was cancelled: the handlers noticed both.
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("hanging", await echo.Events.ReadAsync().AsTask().WaitAsync(s_patience));
            Assert.Equal("cancelled", await echo.Events.ReadAsync().AsTask().WaitAsync(s_patience));
        }
    }
}
