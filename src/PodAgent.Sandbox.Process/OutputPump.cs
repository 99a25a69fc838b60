using PodAgent.Containers.Logs;
using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>Reads one output of a container (a pipe, or the leader of its terminal) as it comes.</summary>
internal sealed class OutputPump : IEventHandler
{
    private const int ReadSize = 128 * 1024;

    // So that one talkative container does not keep the others waiting.
    private const int ReadsPerTurn = 4;

    // A grandchild that goes on writing must not delay the report of the exit: more than any pipe holds.
    private const int ReadsPerDrain = 16;

    private static byte[]? s_buffer;

    private readonly EventLoop _loop;
    private readonly ContainerStreams _owner;
    private readonly Fd _source;
    private ulong _token;
    private bool _paused;

    public OutputPump(EventLoop loop, ContainerStreams owner, Fd source, bool isError)
    {
        _loop = loop;
        _owner = owner;
        _source = source;
        IsError = isError;
        Entries = new CriLogStream(isError ? "stderr" : "stdout");
        FileData.SetNonBlocking(source);
        _token = loop.Add(source, EventKinds.Readable, this);
    }

    public bool IsError { get; }

    public CriLogStream Entries { get; }

    public bool HasEnded { get; private set; }

    public void OnReady(EventKinds kinds) => Read(ReadsPerTurn, evenPaused: false);

    /// <summary>Takes what is there now.</summary>
    public void Drain() => Read(ReadsPerDrain, evenPaused: true);

    /// <summary>Reads nothing until <see cref="Resume"/>; the container feels it when its pipe is full.</summary>
    public void Pause()
    {
        if (!_paused && !HasEnded)
        {
            // A hang-up cannot be masked and would be told again and again: not watched at all.
            _paused = true;
            _loop.Remove(_source, _token);
        }
    }

    /// <summary>Goes on; not paused is fine.</summary>
    public void Resume()
    {
        if (_paused && !HasEnded)
        {
            _paused = false;
            _token = _loop.Add(_source, EventKinds.Readable, this);
        }
    }

    /// <summary>Stops reading, whatever may still come.</summary>
    public void End()
    {
        if (!HasEnded)
        {
            HasEnded = true;
            if (!_paused)
            {
                _loop.Remove(_source, _token);
            }

            _source.Dispose();
            _owner.OnEnded(this);
        }
    }

    private void Read(int times, bool evenPaused)
    {
        // Not cleared: of a container that says little no more than the first page is ever touched.
        s_buffer ??= GC.AllocateUninitializedArray<byte>(ReadSize);
        for (int i = 0; i < times && !HasEnded && (evenPaused || !_paused); i++)
        {
            int count = FileData.TryRead(_source, s_buffer, out Errno errno);
            if (count > 0)
            {
                _owner.OnOutput(this, s_buffer.AsSpan(0, count));
            }
            else
            {
                if (count == 0 || errno != Errno.EAGAIN)
                {
                    // A terminal without followers says EIO.
                    End();
                }

                return;
            }
        }
    }
}
