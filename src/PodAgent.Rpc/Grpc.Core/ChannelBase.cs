namespace Grpc.Core;

/// <summary>A way to a server.</summary>
public abstract class ChannelBase
{
    /// <summary>Makes a channel.</summary>
    /// <param name="target">Where the server is, as users write it.</param>
    protected ChannelBase(string target)
    {
        Target = target ?? throw new ArgumentNullException(nameof(target));
    }

    /// <summary>Where the server is, as users write it.</summary>
    public string Target { get; }

    /// <summary>Makes the invoker that clients stand on.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the channel and its running calls.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>Ends the channel and its running calls.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
