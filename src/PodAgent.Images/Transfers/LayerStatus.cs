namespace PodAgent.Images.Transfers;

/// <summary>One layer of a pull or push at one moment.</summary>
/// <param name="Digest">Digest of the blob.</param>
/// <param name="Size">Bytes as sent.</param>
/// <param name="Transferred">Bytes so far, those of earlier attempts included.</param>
/// <param name="State">How far it is.</param>
public readonly record struct LayerStatus(string Digest, long Size, long Transferred, LayerState State);
