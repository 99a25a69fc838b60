namespace PodAgent.Linux.Files;

/// <summary>What stat(2) says about a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Permissions">The lower twelve bits of its mode.</param>
/// <param name="User">Owner.</param>
/// <param name="Group">Owning group.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Device">The device that holds it, as one number.</param>
/// <param name="Inode">Its number on that device.</param>
/// <param name="RawDevice">For a device node: which device it stands for (<see cref="DeviceNumber"/>).</param>
public readonly record struct FileStatus(FileKind Kind, uint Permissions, uint User, uint Group, long Size, ulong Device, ulong Inode, ulong RawDevice);
