namespace PodAgent.Cri.Streams;

/// <summary>TLS of the streaming server.</summary>
/// <param name="CertificateFile">PEM, the server's own certificate first, then those between it and its root; null: one is made.</param>
/// <param name="KeyFile">PEM; null exactly when <paramref name="CertificateFile"/> is.</param>
public sealed record StreamTls(string? CertificateFile, string? KeyFile);
