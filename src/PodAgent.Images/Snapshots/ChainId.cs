using System.Text;

namespace PodAgent.Images.Snapshots;

/// <summary>Names of layer stacks (OCI image specification, "Layer ChainID").</summary>
internal static class ChainId
{
    /// <summary>The chain ID of each layer: the lowest one's diff ID, then the digest of <c>chain + " " + diff ID</c>.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> diffIds)
    {
        var chain = new List<string>(diffIds.Count);
        foreach (string diffId in diffIds)
        {
            chain.Add(chain.Count == 0 ? diffId : Sha256Digest.Of(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}")));
        }

        return chain;
    }
}
