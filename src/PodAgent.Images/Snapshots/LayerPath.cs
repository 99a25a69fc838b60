using System.Text;
using PodAgent.Linux;

namespace PodAgent.Images.Snapshots;

/// <summary>A name inside a layer, reduced to its components: no leading slash, no <c>.</c>, no <c>..</c>, no empty ones.</summary>
internal readonly struct LayerPath
{
    private LayerPath(byte[] bytes) => Bytes = bytes;

    /// <summary>Components joined by slashes; empty for the layer's root.</summary>
    public byte[] Bytes { get; }

    public bool IsRoot => Bytes.Length == 0;

    /// <summary>The last component.</summary>
    public ReadOnlySpan<byte> Name => Bytes.AsSpan(Bytes.AsSpan().LastIndexOf((byte)'/') + 1);

    /// <summary>Everything before the last component.</summary>
    public LayerPath Parent => new(ParentBytes.ToArray());

    /// <summary>The bytes of <see cref="Parent"/>.</summary>
    public ReadOnlySpan<byte> ParentBytes => Bytes.AsSpan(0, Math.Max(Bytes.AsSpan().LastIndexOf((byte)'/'), 0));

    /// <summary>The path as a key; bytes and characters correspond one to one.</summary>
    public string Key => Encoding.Latin1.GetString(Bytes);

    /// <summary>The components, the outermost first.</summary>
    public IEnumerable<LayerPath> Prefixes()
    {
        for (int i = 1; i < Bytes.Length; i++)
        {
            if (Bytes[i] == '/')
            {
                yield return new LayerPath(Bytes[..i]);
            }
        }

        if (!IsRoot)
        {
            yield return this;
        }
    }

    /// <summary>Reads a name from an archive.</summary>
    /// <exception cref="ContentException">It is absolute or climbs out: such an entry has no honest use.</exception>
    public static LayerPath Parse(ReadOnlySpan<byte> name, string role = "path")
    {
        if (name.IsEmpty)
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{role} is empty");
        }

        if (name[0] == '/')
        {
            throw new ContentException(ErrorKind.InvalidArgument, $"{role} \"{Encoding.UTF8.GetString(name)}\" is absolute");
        }

        return Reduce(name, clamp: false)
            ?? throw new ContentException(ErrorKind.InvalidArgument, $"{role} \"{Encoding.UTF8.GetString(name)}\" leads out of the layer");
    }

    /// <summary>The place that a symbolic link in this directory leads to, seen as if the layer were the root of the file system.</summary>
    public LayerPath Follow(ReadOnlySpan<byte> target)
    {
        byte[] whole = target.Length > 0 && target[0] == '/' ? target.ToArray() : [.. Bytes, (byte)'/', .. target];
        return Reduce(whole, clamp: true)!.Value;
    }

    private static LayerPath? Reduce(ReadOnlySpan<byte> name, bool clamp)
    {
        if (IsReduced(name))
        {
            return new LayerPath(name.ToArray());
        }

        var starts = new Stack<int>();
        var bytes = new List<byte>(name.Length);
        foreach (Range range in name.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = name[range];
            if (part.SequenceEqual(".."u8))
            {
                if (!clamp)
                {
                    return null;
                }

                bytes.RemoveRange(starts.TryPop(out int start) ? start : 0, bytes.Count - start);
            }
            else if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                starts.Push(bytes.Count);
                if (bytes.Count > 0)
                {
                    bytes.Add((byte)'/');
                }

                bytes.AddRange(part);
            }
        }

        return new LayerPath([.. bytes]);
    }

    // Almost every name of an archive is; at most a directory has a slash behind it. A component that begins with a dot may be a real name, and
    // is left to the careful way.
    private static bool IsReduced(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && name[0] is not ((byte)'/' or (byte)'.') && name[^1] != '/' && name.IndexOf("//"u8) < 0 && name.IndexOf("/."u8) < 0;
}
