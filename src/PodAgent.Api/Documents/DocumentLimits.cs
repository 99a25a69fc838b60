namespace PodAgent.Api.Documents;

/// <summary>What a document may cost, so that a small hostile file cannot make the agent large or slow.</summary>
internal static class DocumentLimits
{
    /// <summary>Values in one document after every alias has been expanded (a "billion laughs" file is small before that).</summary>
    public const int MaxNodes = 100_000;

    /// <summary>Levels of nesting: the readers recurse.</summary>
    public const int MaxDepth = 100;

    /// <summary>Bytes in one file, the limit of the kubelet's own manifest sources.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    /// <summary>Adds sizes without overflow: past the limit the exact number is of no interest.</summary>
    public static int Add(int left, int right) => (int)Math.Min((long)left + right, int.MaxValue / 2);
}
