using System.Globalization;

namespace PodAgent.Containers.Specs;

/// <summary>Reads the kernel's list format, <c>0-3,8</c> (cpuset(7)).</summary>
internal static class CpuList
{
    /// <summary>The numbers; parts that are not of the format are left out.</summary>
    public static IEnumerable<int> Parse(string list)
    {
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last))
            {
                continue;
            }

            for (int cpu = first; cpu <= last; cpu++)
            {
                yield return cpu;
            }
        }
    }

    // More CPUs than any kernel is built for would be an attempt to make this loop long.
    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 65536;
}
