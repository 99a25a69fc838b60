using System.Runtime.InteropServices;
using System.Text;

namespace PodAgent.Linux.Processes;

/// <summary>
/// A null-terminated array of C strings in native memory, for execve and posix_spawn. Made before a clone, so that the child needs no
/// allocator between clone and exec.
/// </summary>
public sealed unsafe class StringVector : IDisposable
{
    private byte** _pointer;

    /// <summary>Copies the strings.</summary>
    /// <exception cref="ArgumentException">A string has a NUL character inside.</exception>
    public StringVector(IReadOnlyList<string> strings)
    {
        nuint size = (nuint)(strings.Count + 1) * (nuint)sizeof(byte*);
        foreach (string text in strings)
        {
            if (text.Contains('\0'))
            {
                throw new ArgumentException($"\"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\" contains a NUL character", nameof(strings));
            }

            size += (nuint)Encoding.UTF8.GetByteCount(text) + 1;
        }

        _pointer = (byte**)NativeMemory.Alloc(size);
        byte* next = (byte*)(_pointer + strings.Count + 1);
        byte* end = (byte*)_pointer + size;
        for (int i = 0; i < strings.Count; i++)
        {
            _pointer[i] = next;
            next += Encoding.UTF8.GetBytes(strings[i], new Span<byte>(next, (int)(end - next)));
            *next++ = 0;
        }

        _pointer[strings.Count] = null;
    }

    /// <summary>Releases the memory.</summary>
    ~StringVector() => Free();

    /// <summary>The array.</summary>
    internal byte** Pointer => _pointer;

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_pointer);
        _pointer = null;
    }
}
