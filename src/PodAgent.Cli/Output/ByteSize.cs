using System.Globalization;

namespace PodAgent.Cli.Output;

/// <summary>Sizes in powers of 1024 with as many digits as a person wants: 512B, 3.5KiB, 12MiB, 1.2GiB.</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string Format(double bytes)
    {
        int unit = 0;
        while (bytes >= 1024 && unit < s_units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(unit == 0 || bytes >= 10 ? "0" : "0.0", CultureInfo.InvariantCulture) + s_units[unit];
    }
}
