namespace PodAgent.Images.Registry.Hosts;

/// <summary>
/// A TOML table in the order of its file. Values are <see cref="string"/>, <see cref="bool"/>, <see cref="long"/>, a list of values, or a table.
/// </summary>
/// <param name="line">Where it begins, from 1.</param>
internal sealed class TomlTable(int line)
{
    private readonly List<(string Key, object Value, int Line)> _entries = [];

    public int Line { get; } = line;

    /// <summary>Whether a header names it; a table may have only one.</summary>
    public bool HasHeader { get; set; }

    public IReadOnlyList<(string Key, object Value, int Line)> Entries => _entries;

    public object? Find(string key) => _entries.Find(entry => entry.Key == key).Value;

    /// <exception cref="TomlException">The key is there already.</exception>
    public void Add(string key, object value, int line)
    {
        if (Find(key) is not null)
        {
            throw new TomlException(line, $"\"{key}\" is there twice");
        }

        _entries.Add((key, value, line));
    }

    /// <summary>The table of a key, made when it is not there.</summary>
    /// <exception cref="TomlException">The key stands for something else.</exception>
    public TomlTable Table(string key, int line)
    {
        switch (Find(key))
        {
            case null:
                var table = new TomlTable(line);
                _entries.Add((key, table, line));
                return table;
            case TomlTable table2:
                return table2;
            default:
                throw new TomlException(line, $"\"{key}\" is no table");
        }
    }
}
