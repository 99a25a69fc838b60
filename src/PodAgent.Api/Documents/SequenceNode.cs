namespace PodAgent.Api.Documents;

/// <summary>A list.</summary>
internal sealed class SequenceNode : DocumentNode
{
    public SequenceNode(IReadOnlyList<DocumentNode> items, int line = 0, int column = 0)
        : base(line, column)
    {
        Items = items;
        int size = 1;
        int depth = 0;
        foreach (DocumentNode item in items)
        {
            size = DocumentLimits.Add(size, item.Size);
            depth = Math.Max(depth, item.Depth);
        }

        Size = size;
        Depth = depth + 1;
    }

    public IReadOnlyList<DocumentNode> Items { get; }

    public override int Size { get; }

    public override int Depth { get; }

    public override string Describe() => "list";
}
