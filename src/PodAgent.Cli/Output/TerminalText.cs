using System.Buffers;
using System.Text;

namespace PodAgent.Cli.Output;

/// <summary>
/// Text that a container or an image chose (termination messages, probe output, file names), made fit for a terminal. Escape sequences in it
/// would move the cursor, hide what was printed before or type answers into the reader's shell (CVE-2021-25743).
/// </summary>
internal static class TerminalText
{
    private static readonly SearchValues<char> s_controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Where(code => code is not ('\n' or '\t')).Select(code => (char)code)]);

    /// <summary>Lines stay lines, tabs stay tabs, every other control character is shown: <c>^[</c> for escape.</summary>
    public static string Visible(string text)
    {
        if (text.AsSpan().IndexOfAny(s_controls) < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16);
        foreach (char character in text)
        {
            if (!s_controls.Contains(character))
            {
                visible.Append(character);
            }
            else if (character <= '\x7F')
            {
                visible.Append('^').Append((char)(character ^ 0x40));
            }
            else
            {
                // C1, which a terminal may take for the two characters of an escape sequence.
                visible.Append($"\\u{(int)character:x4}");
            }
        }

        return visible.ToString();
    }

    /// <summary>The same on one line.</summary>
    public static string OneLine(string text) => Visible(text.ReplaceLineEndings(" ").Replace('\t', ' '));
}
