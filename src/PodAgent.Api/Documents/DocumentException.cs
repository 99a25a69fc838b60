namespace PodAgent.Api.Documents;

/// <summary>A document that cannot be taken apart: a syntax error or a limit. Reading cannot go on behind it.</summary>
internal sealed class DocumentException(string message, int line, int column) : Exception(message)
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}
