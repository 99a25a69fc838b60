namespace PodAgent.Api.Json;

/// <summary>Finds what somebody meant by a name that does not exist.</summary>
public static class NameSuggestion
{
    // No field has a longer name, and comparing costs the product of both lengths.
    private const int MaxLength = 80;

    /// <summary>The nearest of <paramref name="candidates"/>, or null when none is near enough to be worth mentioning.</summary>
    public static string? For(string name, IEnumerable<string> candidates)
    {
        if (name.Length > MaxLength)
        {
            return null;
        }

        // Two letters swapped, forgotten or mistyped in a short name; up to a third of a long one.
        int limit = Math.Clamp(name.Length / 3, 1, 4);
        string? best = null;
        int bestDistance = limit + 1;
        foreach (string candidate in candidates.Order(StringComparer.Ordinal))
        {
            int distance = string.Equals(name, candidate, StringComparison.OrdinalIgnoreCase)
                ? 0
                : Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant(), bestDistance);
            if (distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>Optimal string alignment distance; anything from <paramref name="limit"/> on is returned as the limit.</summary>
    private static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) >= limit)
        {
            return limit;
        }

        int[] beforeLast = new int[right.Length + 1];
        int[] last = new int[right.Length + 1];
        int[] current = new int[right.Length + 1];
        for (int column = 0; column <= right.Length; column++)
        {
            last[column] = column;
        }

        for (int row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (int column = 1; column <= right.Length; column++)
            {
                int cost = left[row - 1] == right[column - 1] ? 0 : 1;
                int value = Math.Min(Math.Min(current[column - 1], last[column]) + 1, last[column - 1] + cost);
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                {
                    value = Math.Min(value, beforeLast[column - 2] + 1);
                }

                current[column] = value;
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return Math.Min(last[right.Length], limit);
    }
}
