using System.Text;

namespace PodAgent.Pods.Config;

/// <summary>$(NAME) references in commands, arguments and values. $$ is a dollar sign; a name nobody defined stays as it is written.</summary>
internal static class Expansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> values)
    {
        if (!text.Contains('$'))
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            char next = text[i + 1];
            if (next == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            int end = next == '(' ? text.IndexOf(')', i + 2) : -1;
            if (end < 0)
            {
                // Not a reference, or one without an end: both characters as written.
                result.Append('$').Append(next);
                i++;
                continue;
            }

            string name = text[(i + 2)..end];
            result.Append(values.TryGetValue(name, out string? value) ? value : text[i..(end + 1)]);
            i = end;
        }

        return result.ToString();
    }
}
