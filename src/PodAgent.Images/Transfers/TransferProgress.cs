namespace PodAgent.Images.Transfers;

/// <summary>What a pull or a push has done so far, for whoever looks from beside.</summary>
public sealed class TransferProgress
{
    private volatile Func<IReadOnlyList<LayerStatus>> _layers = () => [];

    /// <summary>The layers, the lowest first; empty until the manifest is known.</summary>
    public IReadOnlyList<LayerStatus> Layers() => _layers();

    internal void Begin(Func<IReadOnlyList<LayerStatus>> layers) => _layers = layers;
}
