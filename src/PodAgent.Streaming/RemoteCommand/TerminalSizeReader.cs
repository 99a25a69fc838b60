using System.Text.Json;

namespace PodAgent.Streaming.RemoteCommand;

/// <summary>Cuts a stream of JSON objects, <c>{"Width":80,"Height":24}</c>, into sizes. After the first mistake it finds nothing more.</summary>
internal sealed class TerminalSizeReader
{
    private const int MaxObject = 1024;

    private readonly List<byte> _pending = [];
    private bool _failed;

    public IReadOnlyList<TerminalDimensions> Append(ReadOnlySpan<byte> bytes)
    {
        var sizes = new List<TerminalDimensions>();
        foreach (byte each in bytes)
        {
            if (_failed)
            {
                break;
            }

            _pending.Add(each);
            if (each == (byte)'}')
            {
                _failed = !TryParse([.. _pending], out TerminalDimensions size);
                _pending.Clear();
                if (!_failed)
                {
                    sizes.Add(size);
                }
            }
            else if (_pending.Count > MaxObject)
            {
                _failed = true;
            }
        }

        return sizes;
    }

    private static bool TryParse(ReadOnlySpan<byte> json, out TerminalDimensions size)
    {
        ushort width = 0, height = 0;
        size = default;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // As Go reads it: names in any case.
                string name = reader.GetString()!;
                if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt16(out ushort value))
                {
                    return false;
                }

                if (name.Equals("width", StringComparison.OrdinalIgnoreCase))
                {
                    width = value;
                }
                else if (name.Equals("height", StringComparison.OrdinalIgnoreCase))
                {
                    height = value;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        size = new TerminalDimensions(width, height);
        return true;
    }
}
