namespace PodAgent.Images.Pulling;

/// <summary>How far a layer is.</summary>
public enum LayerState
{
    /// <summary>Its turn has not come.</summary>
    Waiting,

    /// <summary>It arrives, and is unpacked as it does.</summary>
    Downloading,

    /// <summary>It has arrived and is not unpacked yet.</summary>
    Unpacking,

    /// <summary>It is verified and in its place.</summary>
    Done,

    /// <summary>It was here before.</summary>
    Present,
}
