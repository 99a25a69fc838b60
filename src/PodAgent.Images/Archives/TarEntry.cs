using System.Text;

namespace PodAgent.Images.Archives;

/// <summary>One file of a tar archive with everything its header and extended headers say. Names are bytes, as written.</summary>
internal sealed record TarEntry
{
    public required TarEntryType Type { get; init; }

    public required byte[] Name { get; init; }

    /// <summary>Target of a hard or symbolic link; empty for others.</summary>
    public required byte[] LinkName { get; init; }

    /// <summary>Bytes of content that follow; 0 for everything but regular files.</summary>
    public required long Size { get; init; }

    /// <summary>Permission bits, 0 to 07777.</summary>
    public uint Permissions { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public long ModifiedSeconds { get; init; }

    public uint ModifiedNanoseconds { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes in the order of the archive.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> ExtendedAttributes { get; init; } = [];

    /// <summary>The name for messages.</summary>
    public string DisplayName => Encoding.UTF8.GetString(Name);
}
