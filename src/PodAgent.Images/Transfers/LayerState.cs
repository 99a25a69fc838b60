namespace PodAgent.Images.Transfers;

/// <summary>How far a layer is.</summary>
public enum LayerState
{
    /// <summary>Its turn has not come.</summary>
    Waiting,

    /// <summary>It is on its way; when it arrives it is unpacked as it does.</summary>
    Transferring,

    /// <summary>It has arrived and is not unpacked yet.</summary>
    Unpacking,

    /// <summary>It is verified and in its place.</summary>
    Done,

    /// <summary>It was there before.</summary>
    Present,
}
