using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace PodAgent.Linux.Files;

/// <summary>Hands a <see cref="PathName"/> to a native call: NUL-terminated, on the caller's stack unless it is long.</summary>
[CustomMarshaller(typeof(PathName), MarshalMode.ManagedToUnmanagedIn, typeof(ManagedToUnmanagedIn))]
internal static unsafe class PathNameMarshaller
{
    internal ref struct ManagedToUnmanagedIn
    {
        private byte* _path;
        private bool _allocated;

        public static int BufferSize => 512;

        public void FromManaged(PathName path, Span<byte> buffer)
        {
            int needed = path.MaxByteCount + 1;
            _allocated = needed > buffer.Length;
            if (_allocated)
            {
                _path = (byte*)NativeMemory.Alloc((nuint)needed);
                buffer = new Span<byte>(_path, needed);
            }
            else
            {
                // The generated code's own stack: it does not move.
                _path = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
            }

            buffer[path.CopyTo(buffer)] = 0;
        }

        public readonly byte* ToUnmanaged() => _path;

        public readonly void Free()
        {
            if (_allocated)
            {
                NativeMemory.Free(_path);
            }
        }
    }
}
