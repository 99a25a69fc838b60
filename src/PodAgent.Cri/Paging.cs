namespace PodAgent.Cri;

/// <summary>How the streaming lists cut their answers (KEP-5825).</summary>
internal static class Paging
{
    // 1.5 KB per item is usual, so a message stays far below the 4 MiB that a client may accept.
    public const int ItemsPerMessage = 500;
}
