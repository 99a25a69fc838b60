using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Anonymous files in memory (memfd_create(2)).</summary>
internal static partial class Libc
{
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int memfd_create(string name, uint flags);
}
