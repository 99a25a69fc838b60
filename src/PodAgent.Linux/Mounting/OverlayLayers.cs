namespace PodAgent.Linux.Mounting;

/// <summary>The directories that an overlay mount joins.</summary>
/// <param name="Lower">Read-only layers, the topmost first; at least one.</param>
/// <param name="Upper">The writable layer.</param>
/// <param name="Work">An empty directory on the writable layer's file system.</param>
/// <param name="Volatile">
/// Whether syncs are left out (Linux 5.10): unmounting is then quick, and after a crash of the machine the writable layer is lost.
/// </param>
public sealed record OverlayLayers(IReadOnlyList<string> Lower, string Upper, string Work, bool Volatile);
