using System.Buffers;

namespace PodAgent.Rpc.Protocol;

/// <summary>A growing buffer from the array pool.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialSize = 512;

    private byte[] _array = [];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    internal Span<byte> Span => _array.AsSpan(0, Length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Length);
    }

    /// <summary>Empties the buffer and keeps its memory.</summary>
    internal void Clear() => Length = 0;

    /// <summary>Makes room for so many bytes more.</summary>
    internal void Reserve(int size)
    {
        size = Math.Max(size, 1);
        if (_array.Length - Length >= size)
        {
            return;
        }

        int wanted = checked((int)Math.Min(Array.MaxLength, Math.Max((long)Length + size, Math.Max(InitialSize, _array.Length * 2L))));
        byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
        _array.AsSpan(0, Length).CopyTo(larger);
        Return();
        _array = larger;
    }

    public void Dispose()
    {
        Return();
        _array = [];
        Length = 0;
    }

    private void Return()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
    }
}
