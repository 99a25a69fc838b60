namespace PodAgent.Cri.Containers.Specs;

/// <summary>The environment of a process: later sources win over earlier ones, and each name stays where it first was.</summary>
internal static class EnvironmentVariables
{
    public const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static IReadOnlyList<string> Merge(params ReadOnlySpan<IEnumerable<string>> sources)
    {
        var result = new List<string>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (IEnumerable<string> source in sources)
        {
            foreach (string variable in source)
            {
                string name = NameOf(variable);
                if (places.TryGetValue(name, out int place))
                {
                    result[place] = variable;
                }
                else
                {
                    places.Add(name, result.Count);
                    result.Add(variable);
                }
            }
        }

        return result;
    }

    private static string NameOf(string variable)
    {
        int equals = variable.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? variable : variable[..equals];
    }
}
