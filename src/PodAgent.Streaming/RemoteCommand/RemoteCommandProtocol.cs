namespace PodAgent.Streaming.RemoteCommand;

/// <summary>One of the sub-protocols of exec and attach.</summary>
/// <param name="Name">As clients offer it; empty: none was offered, which means version 1.</param>
/// <param name="Version">1 to 5.</param>
/// <param name="IsBase64">WebSocket messages are text, the payload in base64.</param>
public sealed record RemoteCommandProtocol(string Name, int Version, bool IsBase64 = false)
{
    // Version 5 adds to version 4 what SPDY has anyway; servers in the field answer 4, which is what clients were tried with.
    private static readonly RemoteCommandProtocol[] s_spdy =
    [
        new("v4.channel.k8s.io", 4), new("v5.channel.k8s.io", 5), new("v3.channel.k8s.io", 3), new("v2.channel.k8s.io", 2), new("channel.k8s.io", 1),
    ];

    private static readonly RemoteCommandProtocol[] s_webSocket =
    [
        new("v5.channel.k8s.io", 5), new("v4.channel.k8s.io", 4), new("v3.channel.k8s.io", 3), new("v2.channel.k8s.io", 2), new("channel.k8s.io", 1),
        new("v4.base64.channel.k8s.io", 4, true), new("v3.base64.channel.k8s.io", 3, true), new("v2.base64.channel.k8s.io", 2, true),
        new("base64.channel.k8s.io", 1, true),
    ];

    /// <summary>Names offered over SPDY, best first.</summary>
    public static IEnumerable<string> SpdyNames => s_spdy.Select(protocol => protocol.Name);

    /// <summary>Names known over WebSocket.</summary>
    public static IEnumerable<string> WebSocketNames => s_webSocket.Select(protocol => protocol.Name);

    /// <summary>The terminal's size has a channel of its own.</summary>
    public bool HasResize => Version >= 3;

    /// <summary>The status is metav1.Status in JSON.</summary>
    public bool HasStructuredStatus => Version >= 4;

    /// <summary>A WebSocket client can end its input and go on listening.</summary>
    public bool HasCloseSignal => Version >= 5;

    /// <summary>The best that both sides know, over SPDY; null: none.</summary>
    public static RemoteCommandProtocol? ForSpdy(IReadOnlyCollection<string> offered) => offered.Count == 0
        ? new RemoteCommandProtocol("", 1)
        : s_spdy.FirstOrDefault(protocol => offered.Contains(protocol.Name));

    /// <summary>The first of the client's that this side knows, over WebSocket; null: none.</summary>
    public static RemoteCommandProtocol? ForWebSocket(IReadOnlyCollection<string> offered) => offered.Count == 0
        ? new RemoteCommandProtocol("", 1)
        : offered.Select(name => Array.Find(s_webSocket, protocol => protocol.Name == name)).FirstOrDefault(protocol => protocol is not null);
}
