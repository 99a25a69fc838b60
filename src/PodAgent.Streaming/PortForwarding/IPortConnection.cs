namespace PodAgent.Streaming.PortForwarding;

/// <summary>A connection to a port of the pod.</summary>
public interface IPortConnection : IDisposable
{
    /// <summary>Both directions.</summary>
    Stream Stream { get; }

    /// <summary>Nothing more is sent; receiving goes on.</summary>
    void CompleteSending();
}
