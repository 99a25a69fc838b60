using System.Globalization;
using PodAgent.Linux;

namespace PodAgent.Containers.Users;

/// <summary>
/// Reads user and group numbers. Numbers above 2^31-1 are refused: as a signed number they would be negative, and what wraps around may
/// come out as 0 after a check for "not root" has passed.
/// </summary>
public static class UserId
{
    /// <summary>The largest number that is accepted.</summary>
    public const uint Max = int.MaxValue;

    /// <summary>Whether a text is a number at all: decimal digits only, so that "+0", " 0" or "0x0" are names.</summary>
    public static bool IsNumeric(ReadOnlySpan<char> text) => text.Length > 0 && text.IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>A number in range; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out uint id)
    {
        id = 0;
        return IsNumeric(text) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id <= Max;
    }

    internal static uint Parse(ReadOnlySpan<char> text, string what) =>
        TryParse(text, out uint id) ? id : throw new AgentException(ErrorKind.InvalidArgument, $"invalid {what} \"{text}\": it is not in 0..{Max}");
}
