using System.Buffers.Binary;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Tests.Security;

/// <summary>Executes a seccomp filter as the kernel does: classic BPF over struct seccomp_data.</summary>
internal static class SeccompMachineCode
{
    public const uint X86_64 = 0xC000003E;
    public const uint X86 = 0x40000003;

    public static SeccompAction Run(byte[] program, uint architecture, uint number, params ulong[] arguments)
    {
        Span<byte> data = stackalloc byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], architecture);
        for (int i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (8 * i))..], arguments[i]);
        }

        uint accumulator = 0;
        var memory = new uint[16];
        for (int i = 0; i < program.Length / 8; i++)
        {
            ReadOnlySpan<byte> instruction = program.AsSpan(i * 8, 8);
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(instruction);
            uint value = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            switch (code)
            {
                case 0x20:
                    accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)value..]);
                    break;
                case 0x60:
                    accumulator = memory[value];
                    break;
                case 0x02:
                    memory[value] = accumulator;
                    break;
                case 0x54:
                    accumulator &= value;
                    break;
                case 0x05:
                    i += (int)value;
                    break;
                case 0x15:
                    i += accumulator == value ? instruction[2] : instruction[3];
                    break;
                case 0x25:
                    i += accumulator > value ? instruction[2] : instruction[3];
                    break;
                case 0x35:
                    i += accumulator >= value ? instruction[2] : instruction[3];
                    break;
                case 0x06:
                    return new SeccompAction(value);
                default:
                    throw new InvalidOperationException($"instruction 0x{code:x4}");
            }
        }

        throw new InvalidOperationException("the filter runs over its end");
    }
}
