namespace PodAgent.TestRunner;

/// <summary>What to run.</summary>
/// <param name="Assembly">Absolute path of the test assembly.</param>
/// <param name="Lacking">What this machine does not have: tests with such a <c>Needs</c> trait are listed and not run.</param>
/// <param name="Filter">Part of the names of the tests to run; empty: all.</param>
/// <param name="Part">Beside the filter: <c>+TEXT</c> for tests with this in their names, <c>-TEXT</c> for the others; empty: all.</param>
/// <param name="Need">Only tests with this <c>Needs</c> trait; empty: all.</param>
/// <param name="ListOnly">Names the tests that this machine cannot run, and runs none.</param>
/// <param name="Counts">File for the counts; null: none.</param>
/// <param name="Limit">After this time the tests that still run are named, and the run has failed.</param>
internal sealed record RunnerOptions(string Assembly, IReadOnlySet<string> Lacking, string Filter, string Part, string Need, bool ListOnly, string? Counts, TimeSpan Limit)
{
    public const string Usage = "usage: PodAgent.TestRunner ASSEMBLY [--lacking NEED,NEED...] [--filter TEXT] [--part +TEXT|-TEXT] [--need NEED] [--list not-here] [--counts FILE] [--limit SECONDS]";

    /// <summary>Null: not understood.</summary>
    public static RunnerOptions? Parse(string[] arguments)
    {
        if (arguments.Length % 2 == 0 || !File.Exists(arguments[0]))
        {
            return null;
        }

        var options = new RunnerOptions(Path.GetFullPath(arguments[0]), new HashSet<string>(), "", "", "", false, null, TimeSpan.FromMinutes(20));
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--lacking":
                    options = options with { Lacking = value.Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet() };
                    break;
                case "--filter":
                    options = options with { Filter = value };
                    break;
                case "--part" when value is "" or ['+' or '-', _, ..]:
                    options = options with { Part = value };
                    break;
                case "--need":
                    options = options with { Need = value };
                    break;
                case "--list" when value == "not-here":
                    options = options with { ListOnly = true };
                    break;
                case "--counts":
                    options = options with { Counts = value };
                    break;
                case "--limit" when int.TryParse(value, out int seconds):
                    options = options with { Limit = TimeSpan.FromSeconds(seconds) };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    /// <summary>Whether the filter and the part let this name through.</summary>
    public bool Takes(string name) =>
        name.Contains(Filter, StringComparison.Ordinal) && (Part.Length == 0 || name.Contains(Part[1..], StringComparison.Ordinal) == (Part[0] == '+'));
}
