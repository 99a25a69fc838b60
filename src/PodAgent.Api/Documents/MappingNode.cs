namespace PodAgent.Api.Documents;

/// <summary>An object. Keys may repeat here: whoever reads the node knows the path to report them with.</summary>
internal sealed class MappingNode : DocumentNode
{
    public MappingNode(IReadOnlyList<MappingEntry> entries, int line = 0, int column = 0)
        : base(line, column)
    {
        Entries = entries;
        int size = 1;
        int depth = 0;
        foreach (MappingEntry entry in entries)
        {
            size = DocumentLimits.Add(size, entry.Value.Size);
            depth = Math.Max(depth, entry.Value.Depth);
        }

        Size = size;
        Depth = depth + 1;
    }

    public IReadOnlyList<MappingEntry> Entries { get; }

    public override int Size { get; }

    public override int Depth { get; }

    /// <summary>The first value of a key, or null.</summary>
    public DocumentNode? Find(string key)
    {
        foreach (MappingEntry entry in Entries)
        {
            if (entry.Key == key)
            {
                return entry.Value;
            }
        }

        return null;
    }

    public override string Describe() => "object";
}
