using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>libnftables(3), one to one. The library is loaded on the first call, so a host without it fails there and not at start-up.</summary>
internal static partial class LibNftables
{
    private const string Name = "libnftables.so.1";

    [LibraryImport(Name)]
    internal static partial nint nft_ctx_new(uint flags);

    [LibraryImport(Name)]
    internal static partial void nft_ctx_free(nint ctx);

    [LibraryImport(Name)]
    internal static partial int nft_ctx_buffer_output(nint ctx);

    [LibraryImport(Name)]
    internal static partial int nft_ctx_buffer_error(nint ctx);

    [LibraryImport(Name)]
    internal static partial nint nft_ctx_get_output_buffer(nint ctx);

    [LibraryImport(Name)]
    internal static partial nint nft_ctx_get_error_buffer(nint ctx);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nft_run_cmd_from_buffer(nint ctx, string buf);
}
