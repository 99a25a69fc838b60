namespace Grpc.Core;

/// <summary>How one message is written.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait to be sent together with the next one.</summary>
    BufferHint = 0x1,

    /// <summary>The message is not compressed even where compression was agreed on.</summary>
    NoCompress = 0x2,
}
