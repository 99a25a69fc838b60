using System.Net;
using System.Net.Sockets;
using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Netlink;
using PodAgent.Linux.Networking;

namespace PodAgent.RootTests.Network;

/// <summary>A network namespace of the test's own, with a thread in it: plays a host, a pod, or a machine outside.</summary>
internal sealed class PrivateNamespace : IDisposable
{
    public PrivateNamespace()
    {
        Fd = NetworkNamespaces.Create();
        Thread = new NetworkNamespaceThread("test-netns", Fd);
    }

    public Fd Fd { get; }

    public NetworkNamespaceThread Thread { get; }

    public T Run<T>(Func<T> work) => Thread.InvokeAsync(work).GetAwaiter().GetResult();

    public void Run(Action work) => Thread.InvokeAsync(work).GetAwaiter().GetResult();

    public T Route<T>(Func<RouteSocket, T> work) => Run(() =>
    {
        using var socket = new RouteSocket();
        return work(socket);
    });

    public void Configure(Action<NetlinkBatch> build) => Route(socket =>
    {
        socket.Execute(build);
        return true;
    });

    /// <summary>Listens on a TCP port and answers each connection with the peer's address.</summary>
    public Socket ServeTcp(int port, IPAddress? address = null)
    {
        address ??= IPAddress.Any;
        Socket listener = Run(() =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return socket;
        });
        _ = AnswerTcpAsync(listener);
        return listener;
    }

    /// <summary>Answers each datagram on a UDP port with the sender's address and the content.</summary>
    public Socket ServeUdp(int port)
    {
        Socket server = Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return socket;
        });
        _ = AnswerUdpAsync(server);
        return server;
    }

    /// <summary>Connects, sends a line, closes its direction and returns all that comes back.</summary>
    public async Task<string> AskTcpAsync(string address, int port)
    {
        var target = new IPEndPoint(IPAddress.Parse(address), port);
        using Socket socket = Run(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await socket.ConnectAsync(target, timeout.Token);
        await socket.SendAsync("question\n"u8.ToArray(), timeout.Token);
        socket.Shutdown(SocketShutdown.Send);
        var answer = new MemoryStream();
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, timeout.Token)) > 0)
        {
            answer.Write(buffer, 0, count);
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }

    /// <summary>Sends a datagram and returns the answer.</summary>
    public async Task<string> AskUdpAsync(string address, int port, string text = "question")
    {
        var target = new IPEndPoint(IPAddress.Parse(address), port);
        using Socket socket = Run(() => new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await socket.ConnectAsync(target, timeout.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), timeout.Token);
        byte[] buffer = new byte[65536];
        int count = await socket.ReceiveAsync(buffer, timeout.Token);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }

    public void Dispose()
    {
        Thread.Dispose();
        Fd.Dispose();
    }

    private static async Task AnswerTcpAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                using Socket client = await listener.AcceptAsync();
                byte[] buffer = new byte[4096];
                // The answer comes after the client's end of data, so that half-closed connections are part of every test.
                while (await client.ReceiveAsync(buffer) > 0)
                {
                }

                await client.SendAsync(Encoding.ASCII.GetBytes($"you are {((IPEndPoint)client.RemoteEndPoint!).Address}"));
                client.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task AnswerUdpAsync(Socket server)
    {
        try
        {
            byte[] buffer = new byte[65536];
            while (true)
            {
                SocketReceiveFromResult received = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                string text = Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes);
                await server.SendToAsync(
                    Encoding.ASCII.GetBytes($"{((IPEndPoint)received.RemoteEndPoint).Address} said {text}"), received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
