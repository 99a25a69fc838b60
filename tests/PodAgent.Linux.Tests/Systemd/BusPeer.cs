using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace PodAgent.Linux.Tests.Systemd;

/// <summary>
/// A service manager's end of a D-Bus connection (the D-Bus specification, without a bus daemon): notes each call as text and answers as a test
/// says. One connection at a time.
/// </summary>
internal sealed class BusPeer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-bus-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;
    private volatile Socket? _connection;
    private uint _serial;

    public BusPeer()
    {
        Path = System.IO.Path.Combine(_directory, "private");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _serving = Task.Run(Serve);
    }

    public string Path { get; }

    /// <summary>Calls so far, as in <c>StopUnit("a.scope","replace")</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>How many connections there were.</summary>
    public int Connections { get; private set; }

    /// <summary>What is done on a call; runs on the connection's thread.</summary>
    public Action<BusPeer, BusCall> Answer { get; set; } = (peer, call) => peer.Return(call, "", _ => { });

    public void Return(BusCall call, string signature, Action<BusBody> body) => Send(2, call.Serial, null, null, signature, body);

    public void Fail(BusCall call, string name, string text) => Send(3, call.Serial, name, null, "s", body => body.Text(text));

    public void JobRemoved(string job, string unit, string result) =>
        Send(4, 0, null, "JobRemoved", "uoss", body => body.Number(7).Text(job).Text(unit).Text(result));

    /// <summary>Ends the connection, as a manager does that executes itself anew.</summary>
    public void Hang() => _connection!.Close();

    public void Dispose()
    {
        _listener.Close();
        _connection?.Close();
        _serving.Wait();
        Directory.Delete(_directory, recursive: true);
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                using Socket connection = _listener.Accept();
                _connection = connection;
                Connections++;
                Converse(new NetworkStream(connection));
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or IOException)
            {
                if (!_listener.IsBound || ended is ObjectDisposedException || (ended is SocketException && _listener.SafeHandle.IsClosed))
                {
                    return;
                }
            }
        }
    }

    private void Converse(NetworkStream stream)
    {
        Authenticate(stream);
        byte[] head = new byte[16];
        while (true)
        {
            stream.ReadExactly(head);
            int fields = (int)BitConverter.ToUInt32(head, 12);
            byte[] rest = new byte[((fields + 7) / 8 * 8) + (int)BitConverter.ToUInt32(head, 4)];
            stream.ReadExactly(rest);
            BusCall call = BusCall.Parse(head, rest, fields);
            Calls.Enqueue(call.Text);
            Answer(this, call);
        }
    }

    // The client says everything at once; each line has its answer.
    private static void Authenticate(NetworkStream stream)
    {
        _ = stream.ReadByte();
        while (true)
        {
            var line = new StringBuilder();
            while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
            {
                int next = stream.ReadByte();
                line.Append(next < 0 ? throw new EndOfStreamException() : (char)next);
            }

            string[] words = line.ToString().Trim().Split(' ');
            if (words[0] == "BEGIN")
            {
                return;
            }

            string answer = words switch
            {
                ["AUTH", "EXTERNAL"] => "DATA",
                ["AUTH", ..] or ["DATA", ..] => "OK 0123456789abcdef0123456789abcdef",
                ["NEGOTIATE_UNIX_FD"] => "AGREE_UNIX_FD",
                _ => "ERROR",
            };
            stream.Write(Encoding.ASCII.GetBytes(answer + "\r\n"));
        }
    }

    private void Send(byte type, uint replyTo, string? error, string? signal, string signature, Action<BusBody> write)
    {
        var body = new BusBody();
        write(body);
        var fields = new BusBody();
        if (signal is not null)
        {
            fields.Field(1, 'o', "/org/freedesktop/systemd1").Field(2, 's', "org.freedesktop.systemd1.Manager").Field(3, 's', signal);
        }
        else
        {
            fields.Field(5, replyTo);
        }

        if (error is not null)
        {
            fields.Field(4, 's', error);
        }

        if (signature.Length > 0)
        {
            fields.Signature(8, signature);
        }

        byte[] content = body.ToArray();
        byte[] header = fields.ToArray();
        var message = new BusBody();
        message.Byte((byte)'l').Byte(type).Byte(0).Byte(1).Number((uint)content.Length).Number(++_serial).Number((uint)header.Length).Raw(header).Align(8).Raw(content);
        _connection!.Send(message.ToArray());
    }
}
