namespace PodAgent.Containers.Logs;

/// <summary>Takes the entries of a log.</summary>
internal interface ICriLogSink
{
    /// <summary>One entry, its content in two parts of which either may be empty.</summary>
    void Entry(ReadOnlySpan<byte> stream, bool partial, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail);
}
