using System.Text;

namespace PodAgent.Cli.Commands;

/// <summary>Puts a text before each line of a stream that arrives in pieces.</summary>
internal sealed class LinePrefix(string prefix)
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);
    private bool _atStart = true;

    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> piece)
    {
        if (_prefix.Length == 0)
        {
            return piece;
        }

        var result = new List<byte>(piece.Length + _prefix.Length);
        foreach (byte b in piece.Span)
        {
            if (_atStart)
            {
                result.AddRange(_prefix);
            }

            result.Add(b);
            _atStart = b == '\n';
        }

        return result.ToArray();
    }
}
