using System.Runtime.InteropServices;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Systemd;

/// <summary>A D-Bus message, written or read value by value (sd_bus_message_append(3), sd_bus_message_read(3)).</summary>
internal sealed unsafe class BusMessage : SafeHandle
{
    private BusMessage(nint message)
        : base(0, ownsHandle: true) => SetHandle(message);

    public override bool IsInvalid => handle == 0;

    /// <summary>The library's object; valid as long as this one is.</summary>
    public nint Pointer => handle;

    /// <summary>Takes over a message that was received.</summary>
    public static BusMessage Received(nint message) => new(message);

    /// <exception cref="LinuxException">The library refuses.</exception>
    public static BusMessage MethodCall(nint bus, string destination, string path, string interfaceName, string member)
    {
        Check(LibSystemd.sd_bus_message_new_method_call(bus, out nint message, destination, path, interfaceName, member));
        return new BusMessage(message);
    }

    /// <summary>Whether it is the error of this name; null: any.</summary>
    public bool IsError(string? name) => LibSystemd.sd_bus_message_is_method_error(handle, name) > 0;

    public bool IsSignal(string interfaceName, string member) => LibSystemd.sd_bus_message_is_signal(handle, interfaceName, member) > 0;

    /// <summary>Whether it answers the message with this number.</summary>
    public bool Answers(ulong cookie) => LibSystemd.sd_bus_message_get_reply_cookie(handle, out ulong answered) >= 0 && answered == cookie;

    public BusMessage Append(string value) => AppendText('s', value);

    public BusMessage Append(bool value)
    {
        int number = value ? 1 : 0;
        Check(LibSystemd.sd_bus_message_append_basic(handle, (byte)'b', &number));
        return this;
    }

    public BusMessage Append(ulong value)
    {
        Check(LibSystemd.sd_bus_message_append_basic(handle, (byte)'t', &value));
        return this;
    }

    public BusMessage Append(ReadOnlySpan<uint> values)
    {
        fixed (uint* items = values)
        {
            Check(LibSystemd.sd_bus_message_append_array(handle, (byte)'u', items, (nuint)(values.Length * sizeof(uint))));
        }

        return this;
    }

    public BusMessage Append(ReadOnlySpan<byte> values)
    {
        fixed (byte* items = values)
        {
            Check(LibSystemd.sd_bus_message_append_array(handle, (byte)'y', items, (nuint)values.Length));
        }

        return this;
    }

    /// <summary>Everything appended until <see cref="End"/> goes into a container: 'a' array, 'v' variant, 'r' structure.</summary>
    public BusMessage Begin(char type, string contents)
    {
        Check(LibSystemd.sd_bus_message_open_container(handle, (byte)type, contents));
        return this;
    }

    public BusMessage End()
    {
        Check(LibSystemd.sd_bus_message_close_container(handle));
        return this;
    }

    /// <summary>The next value, a text of type 's' or 'o'; null at the end.</summary>
    public string? ReadText(char type = 's')
    {
        nint text = 0;
        return Check(LibSystemd.sd_bus_message_read_basic(handle, (byte)type, &text)) == 0 ? null : Marshal.PtrToStringUTF8(text);
    }

    public uint ReadNumber()
    {
        uint value = 0;
        Check(LibSystemd.sd_bus_message_read_basic(handle, (byte)'u', &value));
        return value;
    }

    public BusMessage Enter(char type, string contents)
    {
        Check(LibSystemd.sd_bus_message_enter_container(handle, (byte)type, contents));
        return this;
    }

    protected override bool ReleaseHandle()
    {
        LibSystemd.sd_bus_message_unref(handle);
        return true;
    }

    private static int Check(int result) => result >= 0 ? result : throw new LinuxException("sd_bus_message", "", (Errno)(-result));

    private BusMessage AppendText(char type, string value)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(value + '\0'))
        {
            // A text is handed over itself, not where it is.
            Check(LibSystemd.sd_bus_message_append_basic(handle, (byte)type, text));
        }

        return this;
    }
}
