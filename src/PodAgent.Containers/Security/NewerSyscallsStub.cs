using System.Buffers.Binary;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;
using static PodAgent.Containers.Security.FilterCodes;

namespace PodAgent.Containers.Security;

/// <summary>
/// A few classic BPF instructions in front of a filter: calls with a higher number than the newest that the profile knows get ENOSYS instead
/// of the profile's error. C libraries try a new call first and take the older way only after ENOSYS; with EPERM they give up.
/// <code>
/// load architecture
/// for each architecture:  if it is this one: load number; number above the newest -> ENOSYS, else -> filter
/// ENOSYS: return
/// filter: ...
/// </code>
/// </summary>
internal static class NewerSyscallsStub
{
    private const uint X32Bit = 0x40000000;

    public static byte[] Assemble(IReadOnlyDictionary<SeccompArchitecture, uint> newest)
    {
        // Targets that are not known yet: 254 means ENOSYS, 255 means the filter.
        const byte ToError = 254;
        const byte ToFilter = 255;
        var code = new List<(ushort Code, byte True, byte False, uint Value)> { (LoadWord, 0, 0, ArchitectureOffset) };
        foreach ((SeccompArchitecture architecture, uint number) in newest.OrderBy(n => n.Key != SeccompFilter.NativeArchitecture))
        {
            // The kernel reports x32 as x86-64, told apart by a bit of the number.
            if (architecture == SeccompArchitecture.X32)
            {
                continue;
            }

            bool x86 = architecture == SeccompArchitecture.X86_64;
            code.Add((JumpEqual, 0, (byte)(x86 ? 4 : 2), (uint)architecture));
            code.Add((LoadWord, 0, 0, NumberOffset));
            if (x86)
            {
                bool hasX32 = newest.TryGetValue(SeccompArchitecture.X32, out uint newestX32);
                code.Add((JumpGreaterEqual, 1, 0, X32Bit));
                code.Add((JumpGreater, ToError, ToFilter, number));
                code.Add(hasX32 ? (JumpGreater, ToError, ToFilter, newestX32) : (JumpGreaterEqual, ToFilter, ToFilter, 0));
            }
            else
            {
                code.Add((JumpGreater, ToError, ToFilter, number));
            }
        }

        // Any other architecture falls through to here: the filter decides.
        code.Add((JumpEqual, ToFilter, ToFilter, 0));
        code.Add((Return, 0, 0, SeccompAction.Error(Errno.ENOSYS).Value));

        byte[] program = new byte[code.Count * 8];
        for (int i = 0; i < code.Count; i++)
        {
            (ushort op, byte whenTrue, byte whenFalse, uint value) = code[i];
            Span<byte> instruction = program.AsSpan(i * 8, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, op);
            instruction[2] = Target(whenTrue, i);
            instruction[3] = Target(whenFalse, i);
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], value);
        }

        return program;

        byte Target(byte jump, int at) => jump switch
        {
            ToError => (byte)(code.Count - 1 - (at + 1)),
            ToFilter => (byte)(code.Count - (at + 1)),
            _ => jump,
        };
    }
}
