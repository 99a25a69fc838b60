using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace PodAgent.Benchmarks.Streams;

/// <summary>SPDY/3.1 as kubelets and their clients speak it: streams told apart by headers, no flow control.</summary>
internal sealed class SpdyClient : StreamClient
{
    private const int HeaderSize = 8;
    private const int ErrorStream = 1;
    private const int OutputStream = 3;
    private const int InputStream = 5;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly int _inputStream;
    private int _start;
    private int _end;
    private int _frameRemaining;
    private bool _ofOutput;
    private bool _ofError;
    private string _status = "";

    private SpdyClient(Socket socket, int inputStream) => (_socket, _inputStream) = (socket, inputStream);

    public static async Task<StreamClient> ConnectAsync(StreamTarget target)
    {
        var url = new Uri(target.Url);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(url.Host, url.Port);
        var client = new SpdyClient(socket, target.Port == 0 ? InputStream : OutputStream);
        string protocol = target.Port == 0 ? "v4.channel.k8s.io" : "portforward.k8s.io";
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: {protocol}\r\nContent-Length: 0\r\n\r\n"));
        await client.UpgradedAsync();
        await socket.SendAsync(OpenStreams(target));
        return client;
    }

    public override async Task SendAsync(ReadOnlyMemory<byte> data)
    {
        byte[] header = new byte[HeaderSize];
        BinaryPrimitives.WriteInt32BigEndian(header, _inputStream);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), data.Length);
        await _socket.SendAsync(header);
        for (int sent = 0; sent < data.Length;)
        {
            sent += await _socket.SendAsync(data[sent..]);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override string Status => _status;

    protected override async ValueTask<int> ReceiveAsync()
    {
        while (true)
        {
            if (_frameRemaining > 0)
            {
                if (_start == _end && !await FillAsync())
                {
                    return 0;
                }

                int count = Math.Min(_end - _start, _frameRemaining);
                _status += _ofError ? Encoding.UTF8.GetString(_buffer, _start, count) : "";
                _start += count;
                _frameRemaining -= count;
                if (_ofOutput)
                {
                    return count;
                }
            }
            else
            {
                while (_end - _start < HeaderSize)
                {
                    if (!await FillAsync())
                    {
                        return 0;
                    }
                }

                // Of control frames, whose first bit is set, none matters here.
                int stream = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
                (_ofOutput, _ofError) = (stream == OutputStream, stream == ErrorStream);
                _frameRemaining = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 4)) & 0xFFFFFF;
                _start += HeaderSize;
            }
        }
    }

    // The first one opened for a port is where its errors come, and its data stream has both directions.
    private static byte[] OpenStreams(StreamTarget target)
    {
        var frames = new MemoryStream();
        string port = target.Port.ToString(CultureInfo.InvariantCulture);
        (string, string)[] headers = target.Port == 0 ? [] : [("port", port), ("requestid", "0")];
        Open(frames, ErrorStream, [("streamtype", "error"), .. headers]);
        Open(frames, OutputStream, [("streamtype", target.Port == 0 ? "stdout" : "data"), .. headers]);
        if (target.HasInput && target.Port == 0)
        {
            Open(frames, InputStream, [("streamtype", "stdin")]);
        }

        return frames.ToArray();
    }

    // SYN_STREAM (SPDY/3.1 section 2.6.1). All header blocks are one zlib stream, here of stored blocks; the empty one is a flush.
    private static void Open(MemoryStream frames, int stream, (string Name, string Value)[] headers)
    {
        var block = new MemoryStream();
        Number(block, headers.Length);
        foreach (string text in headers.SelectMany(header => (string[])[header.Name, header.Value]))
        {
            Number(block, text.Length);
            block.Write(Encoding.ASCII.GetBytes(text));
        }

        int size = (int)block.Length;
        byte[] zlibHeader = stream == ErrorStream ? [0x78, 0x01] : [];
        byte[] compressed = [.. zlibHeader, 0, (byte)size, (byte)(size >> 8), (byte)~size, (byte)(~size >> 8), .. block.ToArray(), 0, 0, 0, 0xFF, 0xFF];
        frames.Write([0x80, 3, 0, 1]);
        Number(frames, 10 + compressed.Length);
        Number(frames, stream);
        Number(frames, 0);
        frames.Write([0, 0]);
        frames.Write(compressed);
    }

    private static void Number(MemoryStream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        stream.Write(bytes);
    }

    private async Task UpgradedAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync())
            {
                break;
            }
        }

        string head = Encoding.ASCII.GetString(_buffer, 0, _end);
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"no upgrade to SPDY: {head}");
        }

        _start = end + 4;
    }

    private async Task<bool> FillAsync()
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int count = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
        _end += count;
        return count > 0;
    }
}
