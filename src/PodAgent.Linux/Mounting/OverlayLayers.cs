namespace PodAgent.Linux.Mounting;

/// <summary>The directories that an overlay mount joins.</summary>
/// <param name="Lower">Read-only layers, the topmost first; at least one.</param>
/// <param name="Upper">The writable layer; null: the whole is read-only, and has at least two layers.</param>
/// <param name="Work">An empty directory on the writable layer's file system; null without one.</param>
/// <param name="Volatile">
/// Whether syncs are left out (Linux 5.10): unmounting is then quick, and after a crash of the machine the writable layer is lost.
/// </param>
public sealed record OverlayLayers(IReadOnlyList<string> Lower, string? Upper, string? Work, bool Volatile);
