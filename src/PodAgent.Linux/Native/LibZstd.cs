using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>The streaming decompressor of libzstd (its stable interface, zstd.h). Loaded on first use: a machine without it only lacks zstd.</summary>
internal static unsafe partial class LibZstd
{
    private const string Name = "libzstd.so.1";

    [LibraryImport(Name)]
    internal static partial nint ZSTD_createDStream();

    [LibraryImport(Name)]
    internal static partial nuint ZSTD_freeDStream(nint stream);

    [LibraryImport(Name)]
    internal static partial nuint ZSTD_decompressStream(nint stream, ZstdBuffer* output, ZstdBuffer* input);

    [LibraryImport(Name)]
    internal static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Name)]
    internal static partial nint ZSTD_getErrorName(nuint code);
}

/// <summary>ZSTD_inBuffer and ZSTD_outBuffer, which have one layout. No [NativeType]: zstd.h need not be installed.</summary>
[NativeType("ZSTD_inBuffer", "zstd.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ZstdBuffer
{
    [NativeField("src")]
    public nint Data;
    [NativeField("size")]
    public nuint Size;
    [NativeField("pos")]
    public nuint Position;
}
