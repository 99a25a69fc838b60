using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace PodAgent.Streaming.Spdy;

/// <content>What comes from the peer.</content>
public sealed partial class SpdyConnection
{
    private const uint StreamIdMask = 0x7FFFFFFF;
    private const uint InitialWindowSetting = 7;

    private static readonly StreamPipeReaderOptions s_reading = new(bufferSize: 128 << 10, minimumReadSize: 8 << 10, leaveOpen: true);

    // The data frame that is being received: null stream, its bytes are dropped.
    private SpdyStream? _dataStream;
    private int _dataRemaining;
    private bool _dataFin;

    private async Task ReadAsync()
    {
        // The caller gets its connection before the first frame is handled.
        await Task.Yield();
        PipeReader reader = PipeReader.Create(_transport, s_reading);
        Exception? failure = null;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(_closing.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> rest = await TakeFramesAsync(result.Buffer).ConfigureAwait(false);
                bool torn = result.IsCompleted && (!rest.IsEmpty || _dataRemaining > 0);
                reader.AdvanceTo(rest.Start, rest.End);
                if (result.IsCompleted)
                {
                    failure = torn ? new EndOfStreamException("the connection ended within a frame") : null;
                    break;
                }
            }
        }
        catch (SpdyProtocolException violation)
        {
            await FarewellAsync(SpdyGoAwayStatus.ProtocolError).ConfigureAwait(false);
            failure = violation;
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // End has said why.
        }
        catch (Exception lost)
        {
            failure = lost;
        }

        End(failure);
        await reader.CompleteAsync().ConfigureAwait(false);
    }

    /// <returns>The bytes of a frame that is not complete.</returns>
    private async ValueTask<ReadOnlySequence<byte>> TakeFramesAsync(ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            if (_dataRemaining > 0)
            {
                if (buffer.IsEmpty)
                {
                    return buffer;
                }

                ReadOnlySequence<byte> part = buffer.Slice(0, Math.Min(buffer.Length, _dataRemaining));
                await TakeDataAsync(part).ConfigureAwait(false);
                buffer = buffer.Slice(part.End);
                continue;
            }

            if (buffer.Length < SpdyFrameHeader.Size)
            {
                return buffer;
            }

            SpdyFrameHeader header = ReadHeader(buffer);
            if (!header.IsControl)
            {
                buffer = buffer.Slice(SpdyFrameHeader.Size);
                BeginData(header);
                continue;
            }

            if (header.Version != SpdyFrameHeader.SupportedVersion)
            {
                throw new SpdyProtocolException($"a control frame of version {header.Version}; this side speaks version 3");
            }

            if (header.Length > _limits.ControlFrame)
            {
                throw new SpdyProtocolException($"a control frame of {header.Length} bytes is longer than {_limits.ControlFrame}");
            }

            if (buffer.Length < SpdyFrameHeader.Size + header.Length)
            {
                return buffer;
            }

            byte[] payload = buffer.Slice(SpdyFrameHeader.Size, header.Length).ToArray();
            buffer = buffer.Slice(SpdyFrameHeader.Size + header.Length);
            OnControl(header, payload);
        }
    }

    private static SpdyFrameHeader ReadHeader(ReadOnlySequence<byte> buffer)
    {
        Span<byte> bytes = stackalloc byte[SpdyFrameHeader.Size];
        buffer.Slice(0, SpdyFrameHeader.Size).CopyTo(bytes);
        return SpdyFrameHeader.Read(bytes);
    }

    private void BeginData(SpdyFrameHeader header)
    {
        lock (_gate)
        {
            _streams.TryGetValue(header.StreamId, out SpdyStream? stream);
            if (stream is null && (header.StreamId == 0 || header.StreamId > Math.Max(_lastAccepted, _lastOpened)))
            {
                throw new SpdyProtocolException($"data for stream {header.StreamId}, which was never opened");
            }

            if (stream is { ReceivedEnd: true })
            {
                throw new SpdyProtocolException($"data for stream {header.StreamId} after its end");
            }

            // A stream that this side has closed already: the peer may not know yet.
            _dataStream = stream;
        }

        _dataRemaining = header.Length;
        _dataFin = header.IsFin;
        if (header.Length == 0)
        {
            EndData();
        }
    }

    private async ValueTask TakeDataAsync(ReadOnlySequence<byte> part)
    {
        if (_dataStream is { } stream)
        {
            await stream.DeliverAsync(part, _closing.Token).ConfigureAwait(false);
        }
        else
        {
            // Dropped, but the connection's window gets it back.
            lock (_gate)
            {
                _uncredited += (int)part.Length;
            }
        }

        _dataRemaining -= (int)part.Length;
        if (_dataRemaining == 0)
        {
            EndData();
        }
    }

    private void EndData()
    {
        if (_dataFin && _dataStream is { } stream)
        {
            EndReceiving(stream);
        }

        _dataStream = null;
    }

    private void EndReceiving(SpdyStream stream)
    {
        lock (_gate)
        {
            stream.ReceivedEnd = true;
            RemoveEnded(stream);
        }

        stream.EndReceiving();
    }

    private void OnControl(SpdyFrameHeader header, byte[] payload)
    {
        switch (header.Type)
        {
            case SpdyFrameType.SynStream:
                OnSynStream(header.Flags, payload);
                break;
            case SpdyFrameType.SynReply:
                _headers.Decode(Behind(payload, 4));
                Find(payload)?.OnReply();
                break;
            case SpdyFrameType.Headers:
                // Nothing here depends on late headers, but all blocks are one zlib stream.
                _headers.Decode(Behind(payload, 4));
                break;
            case SpdyFrameType.RstStream:
                OnReset(payload);
                break;
            case SpdyFrameType.Settings:
                OnSettings(payload);
                break;
            case SpdyFrameType.Ping:
                OnPing(payload);
                break;
            case SpdyFrameType.GoAway:
                lock (_gate)
                {
                    _goAwayReceived = true;
                }

                break;
            case SpdyFrameType.WindowUpdate:
                OnWindowUpdate(payload);
                break;
            default:
                // Section 2.2.1: control frames of unknown types are ignored.
                break;
        }
    }

    private void OnSynStream(byte flags, byte[] payload)
    {
        Dictionary<string, string> headers = _headers.Decode(Behind(payload, 10));
        uint id = Number(payload, 0) & StreamIdMask;
        bool peerMay = (id & 1) == (_role == SpdyRole.Server ? 1 : 0);
        if (!peerMay || id <= _lastAccepted)
        {
            throw new SpdyProtocolException($"stream {id} cannot be opened after stream {_lastAccepted}");
        }

        SpdyStream stream;
        lock (_gate)
        {
            _lastAccepted = id;
            if (_ended)
            {
                return;
            }

            if (_streams.Count >= _limits.Streams || (flags & SpdyFrameHeader.Unidirectional) != 0)
            {
                Answer(_writer.Post(SpdyFrameType.RstStream, id, (uint)SpdyResetStatus.RefusedStream));
                return;
            }

            stream = new SpdyStream(this, id, headers, _flow.NewStream(), _limits.StreamBuffer) { ReceivedEnd = (flags & SpdyFrameHeader.Fin) != 0 };
            _streams.Add(id, stream);
            Answer(_writer.PostHeaders(SpdyFrameType.SynReply, payload.AsSpan(0, 4), []));
            if (_flow.PeerSpeaks)
            {
                OfferWindow(stream);
            }
        }

        if (stream.ReceivedEnd)
        {
            stream.EndReceiving();
        }

        _incoming.Writer.TryWrite(stream);
    }

    private void OnReset(byte[] payload)
    {
        var status = (SpdyResetStatus)Number(payload, 4);
        if (Find(payload) is { } stream)
        {
            lock (_gate)
            {
                stream.SentEnd = stream.ReceivedEnd = true;
                RemoveEnded(stream);
            }

            stream.Abort($"the peer has reset the stream: {status}");
            _flow.Wake(closed: false);
        }
    }

    private void OnSettings(byte[] payload)
    {
        uint count = Number(payload, 0);
        if (payload.Length - 4 != count * 8L)
        {
            throw new SpdyProtocolException($"SETTINGS says it has {count} entries but has {payload.Length} bytes");
        }

        for (int offset = 4; offset < payload.Length; offset += 8)
        {
            if ((Number(payload, offset) & 0xFFFFFF) == InitialWindowSetting)
            {
                bool first = !_flow.PeerSpeaks;
                lock (_gate)
                {
                    _flow.SetInitial(Number(payload, offset + 4), _streams.Values.Select(stream => stream.Window));
                    OfferWindows(first);
                }
            }
        }
    }

    private void OnWindowUpdate(byte[] payload)
    {
        uint id = Number(payload, 0) & StreamIdMask;
        uint delta = Number(payload, 4) & StreamIdMask;
        bool first = !_flow.PeerSpeaks;
        SpdyStream? stream = Find(payload);

        // Of a stream that is closed here already: too late to matter.
        if ((id == 0 || stream is not null) && !_flow.Grant(stream?.Window, delta))
        {
            throw new SpdyProtocolException($"the window of stream {id} grows beyond 2^31 - 1");
        }

        lock (_gate)
        {
            OfferWindows(first);
        }
    }

    private void OnPing(byte[] payload)
    {
        uint id = Number(payload, 0);
        bool fromPeer = (id & 1) == (_role == SpdyRole.Server ? 1 : 0);
        if (fromPeer)
        {
            Answer(_writer.Post(SpdyFrameType.Ping, id));
            return;
        }

        TaskCompletionSource? waiting;
        lock (_gate)
        {
            _pings.Remove(id, out waiting);
        }

        waiting?.TrySetResult();
    }

    // The peer turns out to heed windows: it shall not be held to the small default ones.
    private void OfferWindows(bool first)
    {
        if (!first || _ended)
        {
            return;
        }

        int extra = (_limits.StreamBuffer * 4) - FlowControl.DefaultWindow;
        if (_uncredited + extra > 0)
        {
            _writer.Post(SpdyFrameType.WindowUpdate, 0, (uint)(_uncredited + extra));
            _uncredited = 0;
        }

        foreach (SpdyStream stream in _streams.Values)
        {
            OfferWindow(stream);
        }
    }

    private void OfferWindow(SpdyStream stream)
    {
        int extra = _limits.StreamBuffer - FlowControl.DefaultWindow + stream.Uncredited;
        if (extra > 0 && !stream.ReceivedEnd)
        {
            _writer.Post(SpdyFrameType.WindowUpdate, stream.Id, (uint)extra);
            stream.Uncredited = 0;
        }
    }

    private void Answer(bool taken)
    {
        if (!taken)
        {
            throw new SpdyProtocolException($"{_limits.UnsentAnswers} answers wait, and the peer reads none");
        }
    }

    private SpdyStream? Find(byte[] payload)
    {
        uint id = Number(payload, 0) & StreamIdMask;
        lock (_gate)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    private static uint Number(byte[] payload, int offset) => payload.Length >= offset + 4
        ? BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(offset))
        : throw new SpdyProtocolException($"a control frame of {payload.Length} bytes is too short");

    private static byte[] Behind(byte[] payload, int head) => payload.Length >= head
        ? payload[head..]
        : throw new SpdyProtocolException($"a control frame of {payload.Length} bytes is too short");
}
