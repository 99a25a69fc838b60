using System.Text;

namespace PodAgent.Images.Registry.Authentication;

/// <summary>One way in that a registry offers (RFC 9110, "WWW-Authenticate").</summary>
/// <param name="Scheme">In lower case: <c>bearer</c>, <c>basic</c>.</param>
/// <param name="Parameters">By name in lower case.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>
    /// Reads header fields, each of which may hold several challenges: a comma separates challenges as well as parameters. What cannot be
    /// understood ends the field: the challenges before it count.
    /// </summary>
    public static IReadOnlyList<AuthChallenge> Parse(IEnumerable<string> fields)
    {
        var challenges = new List<AuthChallenge>();
        foreach (string field in fields)
        {
            Parse(field, challenges);
        }

        return challenges;
    }

    public string Get(string parameter) => Parameters.GetValueOrDefault(parameter, "");

    private static void Parse(string field, List<AuthChallenge> challenges)
    {
        int at = 0;
        Dictionary<string, string>? parameters = null;
        while (true)
        {
            SkipSeparators(field, ref at);
            string word = Token(field, ref at);
            if (word.Length == 0)
            {
                return;
            }

            int afterWord = at;
            SkipBlanks(field, ref at);
            if (at < field.Length && field[at] == '=' && parameters is not null)
            {
                at++;
                SkipBlanks(field, ref at);
                if (Value(field, ref at) is not { } value)
                {
                    return;
                }

                parameters.TryAdd(word.ToLowerInvariant(), value);
            }
            else
            {
                at = afterWord;
                parameters = [];
                challenges.Add(new AuthChallenge(word.ToLowerInvariant(), parameters));
            }
        }
    }

    private static void SkipSeparators(string field, ref int at)
    {
        while (at < field.Length && field[at] is ' ' or '\t' or ',')
        {
            at++;
        }
    }

    private static void SkipBlanks(string field, ref int at)
    {
        while (at < field.Length && field[at] is ' ' or '\t')
        {
            at++;
        }
    }

    private static string Token(string field, ref int at)
    {
        int start = at;
        while (at < field.Length && (char.IsAsciiLetterOrDigit(field[at]) || "!#$%&'*+-.^_`|~".Contains(field[at])))
        {
            at++;
        }

        return field[start..at];
    }

    // Registries write scopes and URLs without quotes, too, so a bare value goes on to the next comma.
    private static string? Value(string field, ref int at)
    {
        if (at >= field.Length || field[at] != '"')
        {
            int start = at;
            while (at < field.Length && field[at] is not (',' or ' ' or '\t'))
            {
                at++;
            }

            return field[start..at];
        }

        var value = new StringBuilder();
        for (at++; at < field.Length; at++)
        {
            if (field[at] == '"')
            {
                at++;
                return value.ToString();
            }

            if (field[at] == '\\' && ++at == field.Length)
            {
                break;
            }

            value.Append(field[at]);
        }

        return null;
    }
}
