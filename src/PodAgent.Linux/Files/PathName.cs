using System.Runtime.InteropServices.Marshalling;
using System.Text;

namespace PodAgent.Linux.Files;

/// <summary>
/// A path as the kernel takes it (path_resolution(7)): bytes, which need not be UTF-8 where an archive or a container chose the name.
/// Text and bytes convert implicitly. A NUL inside would silently name another file, so such a path is refused with EINVAL.
/// </summary>
[NativeMarshalling(typeof(PathNameMarshaller))]
public readonly ref struct PathName
{
    private readonly string? _text;
    private readonly ReadOnlySpan<byte> _bytes;

    private PathName(string? text, ReadOnlySpan<byte> bytes)
    {
        _text = text;
        _bytes = bytes;
    }

    /// <summary>Whether it is the empty path, which stands for the open file itself where a call allows one.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_text) && _bytes.IsEmpty;

    /// <summary>A path in UTF-8.</summary>
    public static implicit operator PathName(string text) => new(text, default);

    /// <summary>A path as it is.</summary>
    public static implicit operator PathName(ReadOnlySpan<byte> bytes) => new(null, bytes);

    /// <summary>A path as it is.</summary>
    public static implicit operator PathName(byte[] bytes) => new(null, bytes);

    /// <summary>The path for a message.</summary>
    public override string ToString() => (_text ?? Encoding.UTF8.GetString(_bytes)).Replace("\0", "\\0", StringComparison.Ordinal);

    /// <summary>How many bytes it may have, the terminating NUL not included.</summary>
    internal int MaxByteCount => _text is null ? _bytes.Length : Encoding.UTF8.GetMaxByteCount(_text.Length);

    /// <summary>Writes the bytes; the result is their number.</summary>
    /// <exception cref="LinuxException">EINVAL: there is a NUL among them.</exception>
    internal int CopyTo(Span<byte> buffer)
    {
        int length = _bytes.Length;
        if (_text is null)
        {
            _bytes.CopyTo(buffer);
        }
        else
        {
            length = Encoding.UTF8.GetBytes(_text, buffer);
        }

        return buffer[..length].Contains((byte)0) ? throw new LinuxException("path_resolution(7)", ToString(), Errno.EINVAL) : length;
    }
}
