using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;

namespace PodAgent.Cli.Doctor;

/// <summary>The IPv4 routes of the machine, from /proc/net/route.</summary>
internal static class RouteTable
{
    /// <summary>Reads the file's text. Networks come as hexadecimal words in the processor's byte order.</summary>
    public static IEnumerable<(string Interface, IPNetwork Network)> Read(string text)
    {
        // Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
        // eth0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            string[] fields = line.Split('\t', StringSplitOptions.TrimEntries);
            if (fields.Length > 7 && Word(fields[1]) is { } destination && Word(fields[7]) is { } mask)
            {
                byte[] address = new byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(address, destination & mask);
                yield return (fields[0], new IPNetwork(new IPAddress(address), BitOperations.PopCount(mask)));
            }
        }
    }

    private static uint? Word(string text) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) ? value : null;
}
