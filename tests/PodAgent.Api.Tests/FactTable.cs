using System.Reflection;

namespace PodAgent.Api.Tests;

/// <summary>One row of a table of published facts: kind, owner, name, number, type.</summary>
public sealed record FactRow(string Kind, string Owner, string Name, string Number, string Type);

/// <summary>The published interfaces as tables, embedded from Facts/.</summary>
internal static class FactTable
{
    public static IEnumerable<string> Names => Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.EndsWith(".tsv", StringComparison.Ordinal));

    public static (string Package, IReadOnlyList<FactRow> Rows) Read(string resource)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        string package = "";
        List<FactRow> rows = [];
        while (reader.ReadLine() is { } line)
        {
            string[] cells = line.Split('\t');
            if (cells[0] == "# package")
            {
                package = cells[1];
            }
            else if (!line.StartsWith('#') && line.Length > 0)
            {
                rows.Add(new FactRow(cells[0], cells[1], cells[2], cells[3], cells.Length > 4 ? cells[4] : ""));
            }
        }

        return (package, rows);
    }
}
