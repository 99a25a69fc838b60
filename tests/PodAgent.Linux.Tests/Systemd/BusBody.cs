using System.Text;

namespace PodAgent.Linux.Tests.Systemd;

/// <summary>Values as D-Bus writes them, little-endian.</summary>
internal sealed class BusBody
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public BusBody Align(int boundary)
    {
        while (_bytes.Count % boundary != 0)
        {
            _bytes.Add(0);
        }

        return this;
    }

    public BusBody Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public BusBody Raw(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public BusBody Number(uint value) => Align(4).Raw(BitConverter.GetBytes(value));

    /// <summary>A text or object path.</summary>
    public BusBody Text(string value)
    {
        byte[] text = Encoding.UTF8.GetBytes(value);
        return Number((uint)text.Length).Raw(text).Byte(0);
    }

    /// <summary>A variant of a text.</summary>
    public BusBody Variant(string value) => Type('s').Text(value);

    public BusBody Field(byte code, char type, string value) => Align(8).Byte(code).Type(type).Text(value);

    public BusBody Field(byte code, uint value) => Align(8).Byte(code).Type('u').Number(value);

    public BusBody Signature(byte code, string signature)
    {
        Align(8).Byte(code).Type('g').Byte((byte)signature.Length).Raw(Encoding.ASCII.GetBytes(signature));
        return Byte(0);
    }

    private BusBody Type(char type) => Byte(1).Byte((byte)type).Byte(0);
}
