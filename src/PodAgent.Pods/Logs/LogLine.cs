using System.Globalization;
using System.Text;

namespace PodAgent.Pods.Logs;

/// <summary>
/// One stored line of a container's log: <c>2016-10-06T00:17:09.669794202Z stdout F text</c>. Tag P: the container's line goes on in the next
/// stored line of its stream.
/// </summary>
internal readonly struct LogLine
{
    private LogLine(int timeLength, int contentStart, bool partial, bool standardError)
    {
        TimeLength = timeLength;
        ContentStart = contentStart;
        Partial = partial;
        StandardError = standardError;
    }

    /// <summary>Length of the time at the start of the line.</summary>
    public int TimeLength { get; }

    public int ContentStart { get; }

    public bool Partial { get; }

    public bool StandardError { get; }

    /// <param name="line">Without its newline.</param>
    /// <param name="parsed">Where its parts are.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        parsed = default;
        int time = line.IndexOf((byte)' ');
        if (time < 20)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = line[(time + 1)..];
        int stream = rest.IndexOf((byte)' ');
        bool error = stream == 6 && rest[..6].SequenceEqual("stderr"u8);
        if (stream != 6 || !(error || rest[..6].SequenceEqual("stdout"u8)) || rest.Length < 8)
        {
            return false;
        }

        // Further tags may follow the first one behind colons.
        ReadOnlySpan<byte> tagged = rest[7..];
        int tag = tagged.IndexOf((byte)' ');
        tag = tag < 0 ? tagged.Length : tag;
        if (tag == 0 || tagged[0] is not ((byte)'P' or (byte)'F'))
        {
            return false;
        }

        parsed = new LogLine(time, Math.Min(line.Length, time + 1 + 7 + tag + 1), tagged[0] == (byte)'P', error);
        return true;
    }

    public ReadOnlySpan<byte> Content(ReadOnlySpan<byte> line) => line[ContentStart..];

    /// <summary>The line's time in Unix nanoseconds; 0 when it is not one.</summary>
    public long UnixNanoseconds(ReadOnlySpan<byte> line)
    {
        // The framework keeps seven digits of the second; the two beyond are read here.
        string text = Encoding.ASCII.GetString(line[..TimeLength]);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return 0;
        }

        long nanoseconds = time.ToUnixTimeSeconds() * 1_000_000_000;
        int dot = text.IndexOf('.');
        if (dot > 0)
        {
            long unit = 100_000_000;
            for (int i = dot + 1; i < text.Length && char.IsAsciiDigit(text[i]) && unit > 0; i++, unit /= 10)
            {
                nanoseconds += (text[i] - '0') * unit;
            }
        }

        return nanoseconds;
    }
}
