using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>
/// The sd-bus part of libsystemd(3), one to one, without its functions of variable arguments. The library is loaded on the first call, so
/// a host without it fails there and not at start-up. Results below zero are negated errno values.
/// </summary>
internal static unsafe partial class LibSystemd
{
    private const string Name = "libsystemd.so.0";

    [LibraryImport(Name)]
    internal static partial int sd_bus_new(out nint bus);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_set_address(nint bus, string address);

    [LibraryImport(Name)]
    internal static partial int sd_bus_start(nint bus);

    [LibraryImport(Name)]
    internal static partial int sd_bus_open_system(out nint bus);

    [LibraryImport(Name)]
    internal static partial nint sd_bus_close_unref(nint bus);

    [LibraryImport(Name)]
    internal static partial int sd_bus_send(nint bus, nint m, out ulong cookie);

    [LibraryImport(Name)]
    internal static partial int sd_bus_process(nint bus, out nint m);

    [LibraryImport(Name)]
    internal static partial int sd_bus_wait(nint bus, ulong timeoutMicroseconds);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_new_method_call(nint bus, out nint m, string destination, string path, string @interface, string member);

    [LibraryImport(Name)]
    internal static partial nint sd_bus_message_unref(nint m);

    [LibraryImport(Name)]
    internal static partial int sd_bus_message_append_basic(nint m, byte type, void* value);

    [LibraryImport(Name)]
    internal static partial int sd_bus_message_append_array(nint m, byte type, void* items, nuint bytes);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_open_container(nint m, byte type, string contents);

    [LibraryImport(Name)]
    internal static partial int sd_bus_message_close_container(nint m);

    [LibraryImport(Name)]
    internal static partial int sd_bus_message_read_basic(nint m, byte type, void* value);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_enter_container(nint m, byte type, string contents);

    [LibraryImport(Name)]
    internal static partial int sd_bus_message_get_reply_cookie(nint m, out ulong cookie);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_is_method_error(nint m, string? name);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_is_signal(nint m, string? @interface, string? member);
}
