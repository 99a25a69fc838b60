namespace PodAgent.Cri.Cdi;

/// <summary>One file of a device vendor (github.com/cncf-tags/container-device-interface, SPEC.md).</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind"><c>vendor.com/class</c>.</param>
/// <param name="Common">Edits that any of its devices brings along, once.</param>
/// <param name="Devices">Edits by device name.</param>
internal sealed record CdiSpecification(string Path, string Kind, CdiEdits Common, IReadOnlyDictionary<string, CdiEdits> Devices);
