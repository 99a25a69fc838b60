using System.Buffers.Binary;

namespace PodAgent.Images.BuiltIn;

/// <summary>Looks into program files (elf(5)).</summary>
internal static class ElfFile
{
    private const uint ProgramInterpreter = 3;

    /// <summary>
    /// What keeps a file from being a 64-bit little-endian program that runs without a dynamic linker; null when nothing does.
    /// </summary>
    public static string? WhyNotStatic(ReadOnlySpan<byte> file)
    {
        // e_ident: magic, class 2 (64 bits), data 1 (little endian). e_phoff 32,8; e_phentsize 54,2; e_phnum 56,2; p_type 0,4.
        if (file.Length < 64 || !file.StartsWith("\u007fELF"u8) || file[4] != 2 || file[5] != 1)
        {
            return "it is no 64-bit ELF program";
        }

        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(file[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(file[54..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[56..]);
        if (size < 4 || offset > (ulong)file.Length || (ulong)(size * count) > (ulong)file.Length - offset)
        {
            return "its program headers are damaged";
        }

        for (int i = 0; i < count; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file[((int)offset + (i * size))..]) == ProgramInterpreter)
            {
                return "it is dynamically linked";
            }
        }

        return null;
    }
}
