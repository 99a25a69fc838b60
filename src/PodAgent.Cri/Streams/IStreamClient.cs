namespace PodAgent.Cri.Streams;

/// <summary>Who is at the other end of an exec or attach, whatever the streams travel over.</summary>
internal interface IStreamClient
{
    /// <summary>Carries what a process writes to the client until its end. The next piece is read when the client has taken the last one,
    /// so a slow client slows the process down as a slow terminal would.</summary>
    Task CopyOutputAsync(Stream output, bool isError, CancellationToken cancellationToken);

    /// <summary>Sends one piece of output; returns when the client has taken it, or has gone.</summary>
    Task WriteOutputAsync(ReadOnlyMemory<byte> data, bool isError, CancellationToken cancellationToken);

    /// <summary>Hands the client's input on, until its end, or the client's.</summary>
    Task ReadInputAsync(InputPump input, CancellationToken cancellationToken);
}
