namespace PodAgent.Images.Pulling;

/// <summary>What a pull has done so far, for whoever looks from beside.</summary>
public sealed class PullProgress
{
    private volatile IReadOnlyList<LayerTransfer> _layers = [];

    /// <summary>The layers, the lowest first; empty until the manifest is known.</summary>
    public IReadOnlyList<LayerStatus> Layers() => [.. _layers.Select(layer => layer.Status())];

    internal void Begin(IReadOnlyList<LayerTransfer> layers) => _layers = layers;
}
