using System.Threading.Channels;

namespace PodAgent.Streaming.RemoteCommand;

/// <summary>The client's end of an exec or attach, whatever it travels over. Streams that the client did not ask for are null.</summary>
public interface IRemoteCommandSession : IAsyncDisposable
{
    /// <summary>What the client sends; reading 0 bytes is its end.</summary>
    Stream? Stdin { get; }

    /// <summary>Taken as fast as the client reads; throws <see cref="IOException"/> once the client has gone.</summary>
    Stream? Stdout { get; }

    /// <summary>As <see cref="Stdout"/>.</summary>
    Stream? Stderr { get; }

    /// <summary>Window sizes, as the client's terminal changes.</summary>
    ChannelReader<TerminalDimensions> Resizes { get; }

    /// <summary>Cancelled when the client has left.</summary>
    CancellationToken ClientGone { get; }

    /// <summary>Ends the outputs, says how it went, and ends the session. Nothing is written afterwards.</summary>
    Task CompleteAsync(RemoteCommandStatus status, CancellationToken cancellationToken);
}
