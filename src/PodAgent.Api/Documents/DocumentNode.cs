namespace PodAgent.Api.Documents;

/// <summary>A value of a YAML or JSON document that remembers where it stood. Nodes never change, so aliases can share them.</summary>
internal abstract class DocumentNode(int line, int column)
{
    /// <summary>Line of the value's first character, from 1; 0 for values that no document contained.</summary>
    public int Line { get; } = line;

    /// <summary>Column of the value's first character, from 1.</summary>
    public int Column { get; } = column;

    /// <summary>Number of nodes below and including this one, every alias counted with what it expands to.</summary>
    public abstract int Size { get; }

    /// <summary>Levels below and including this one.</summary>
    public abstract int Depth { get; }

    /// <summary>The value as an error message calls it: <c>string "80a"</c>, <c>number 8080</c>, <c>list</c>.</summary>
    public abstract string Describe();
}
