using PodAgent.Api.Cri;

namespace PodAgent.Cri.Containers.Specs;

/// <summary>Signals by CRI's enumeration and by the names that images use, as numbers of Linux (signal(7), x86-64 and arm64).</summary>
internal static class SignalNames
{
    public const int Term = 15;
    public const int Kill = 9;
    private const int RealTimeMin = 34;
    private const int RealTimeMax = 64;

    private static readonly Dictionary<string, int> s_names = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ILL"] = 4, ["TRAP"] = 5, ["ABRT"] = 6, ["IOT"] = 6, ["BUS"] = 7, ["FPE"] = 8,
        ["KILL"] = 9, ["USR1"] = 10, ["SEGV"] = 11, ["USR2"] = 12, ["PIPE"] = 13, ["ALRM"] = 14, ["TERM"] = 15, ["STKFLT"] = 16,
        ["CHLD"] = 17, ["CLD"] = 17, ["CONT"] = 18, ["STOP"] = 19, ["TSTP"] = 20, ["TTIN"] = 21, ["TTOU"] = 22, ["URG"] = 23,
        ["XCPU"] = 24, ["XFSZ"] = 25, ["VTALRM"] = 26, ["PROF"] = 27, ["WINCH"] = 28, ["IO"] = 29, ["POLL"] = 29, ["PWR"] = 30, ["SYS"] = 31,
    };

    /// <summary>The signal that asks a container to stop: its configuration's, else its image's, else SIGTERM.</summary>
    public static int StopSignal(Signal configured, string imageSignal) =>
        configured != Signal.RuntimeDefault ? Number(configured)
        : TryParse(imageSignal, out int number) ? number
        : Term;

    /// <summary>The enumeration's value.</summary>
    public static int Number(Signal signal)
    {
        // The generated names have lost their "SIG" prefix or kept it, depending on the plug-in; the published name has it always.
        string name = s_published[(int)signal];
        return TryParse(name, out int number) ? number : throw new ArgumentOutOfRangeException(nameof(signal), name);
    }

    /// <summary>The enumeration's first value of a number; the runtime's default for one that it does not have.</summary>
    public static Signal Of(int number)
    {
        for (int value = 1; value < s_published.Length; value++)
        {
            if (Number((Signal)value) == number)
            {
                return (Signal)value;
            }
        }

        return Signal.RuntimeDefault;
    }

    /// <summary>Reads "SIGTERM", "term", "15", "SIGRTMIN+3".</summary>
    public static bool TryParse(string text, out int number)
    {
        string name = text.Trim().ToUpperInvariant();
        if (int.TryParse(name, out number))
        {
            return number is > 0 and <= RealTimeMax;
        }

        if (name.StartsWith("SIG", StringComparison.Ordinal))
        {
            name = name[3..];
        }

        if (s_names.TryGetValue(name, out number))
        {
            return true;
        }

        (int from, string? rest) = name switch
        {
            _ when name.StartsWith("RTMIN", StringComparison.Ordinal) => (RealTimeMin, name[5..]),
            _ when name.StartsWith("RTMAX", StringComparison.Ordinal) => (RealTimeMax, name[5..]),
            _ => (0, null),
        };
        int offset = 0;
        bool known = rest is not null && (rest.Length == 0 || (rest[0] is '+' or '-' && int.TryParse(rest, out offset)));
        number = from + offset;
        return known && number is >= RealTimeMin and <= RealTimeMax;
    }

    private static readonly string[] s_published = [.. Published()];

    // In the order of the enumeration's values (runtime.v1 Signal).
    private static IEnumerable<string> Published()
    {
        yield return "SIGTERM";
        string[] plain =
        [
            "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR",
            "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU",
            "XFSZ", "RTMIN",
        ];
        foreach (string name in plain)
        {
            yield return name;
        }

        for (int i = 1; i <= 15; i++)
        {
            yield return $"RTMIN+{i}";
        }

        for (int i = 14; i >= 1; i--)
        {
            yield return $"RTMAX-{i}";
        }

        yield return "RTMAX";
    }
}
