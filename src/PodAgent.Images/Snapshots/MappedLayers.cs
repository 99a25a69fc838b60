using PodAgent.Images.Records;
using PodAgent.Linux;
using PodAgent.Linux.Mounting;

namespace PodAgent.Images.Snapshots;

/// <summary>
/// Layers whose owners are mapped by a user namespace, for as long as an overlay mount is made from them: overlayfs cannot be mapped
/// itself, but takes mapped mounts as layers (Linux 5.19), of which it keeps copies of its own. Before Linux 6.15 it only takes mounts that are
/// attached somewhere, so each has a place until this object is disposed.
/// </summary>
internal sealed class MappedLayers : IDisposable
{
    private readonly List<string> _places = [];

    private MappedLayers()
    {
    }

    public IReadOnlyList<string> Paths => _places;

    /// <param name="layers">The layers.</param>
    /// <param name="userNamespace">By which they are mapped.</param>
    /// <param name="directory">Where places can be made.</param>
    public static MappedLayers Open(IReadOnlyList<string> layers, Fd userNamespace, string directory)
    {
        var mapped = new MappedLayers();
        try
        {
            foreach (string layer in layers)
            {
                using Fd copy = MountTrees.Clone(layer, recursive: false);

                // Private: no other mount namespace is to see it come and go.
                MountTrees.SetAttributes(copy, MountAttributes.ReadOnly, MountAttributes.None, MountFlags.Private, recursive: false, layer);
                MountTrees.SetIdMapping(copy, userNamespace, recursive: false, layer);
                string place = Path.Combine(directory, Guid.NewGuid().ToString("n"));
                RecordFile.MakeDirectory(place);
                mapped._places.Add(place);
                MountTrees.Attach(copy, place);
            }

            return mapped;
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (string place in _places)
        {
            _ = Mounts.TryUnmount(place, detach: true);
            Directory.Delete(place);
        }
    }
}
