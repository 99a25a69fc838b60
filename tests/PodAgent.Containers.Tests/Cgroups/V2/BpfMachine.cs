namespace PodAgent.Containers.Tests.Cgroups.V2;

/// <summary>
/// Executes the few eBPF instructions of a device program, and insists like the kernel's verifier that every jump goes forward into the
/// program and every instruction can be reached.
/// </summary>
internal static class BpfMachine
{
    public static bool Run(ulong[] program, uint accessAndType, uint major, uint minor)
    {
        var registers = new ulong[11];
        uint[] context = [accessAndType, major, minor];
        for (int i = 0; i < program.Length; i++)
        {
            ulong instruction = program[i];
            byte code = (byte)instruction;
            int destination = (int)((instruction >> 8) & 0xF);
            int source = (int)((instruction >> 12) & 0xF);
            short offset = (short)(instruction >> 16);
            int immediate = (int)(instruction >> 32);
            switch (code)
            {
                case 0x61:
                    Assert.Equal(1, source);
                    registers[destination] = context[offset / 4];
                    break;
                case 0xB4:
                    registers[destination] = (uint)immediate;
                    break;
                case 0xBC:
                    registers[destination] = (uint)registers[source];
                    break;
                case 0x54:
                    registers[destination] = (uint)registers[destination] & (uint)immediate;
                    break;
                case 0x74:
                    registers[destination] = (uint)registers[destination] >> immediate;
                    break;
                case 0x55:
                    i += registers[destination] != (ulong)immediate ? offset : 0;
                    break;
                case 0x5D:
                    i += registers[destination] != registers[source] ? offset : 0;
                    break;
                case 0x15:
                    i += registers[destination] == (ulong)immediate ? offset : 0;
                    break;
                case 0x95:
                    return registers[0] == 1;
                default:
                    throw new InvalidOperationException($"instruction 0x{code:x2}");
            }
        }

        throw new InvalidOperationException("the program runs over its end");
    }

    public static void AssertReachable(ulong[] program)
    {
        var reached = new bool[program.Length];
        Visit(0);
        Assert.DoesNotContain(false, reached);

        void Visit(int i)
        {
            while (true)
            {
                Assert.InRange(i, 0, program.Length - 1);
                if (reached[i])
                {
                    return;
                }

                reached[i] = true;
                byte code = (byte)program[i];
                if (code == 0x95)
                {
                    return;
                }

                if (code is 0x55 or 0x5D or 0x15)
                {
                    Visit(i + 1 + (short)(program[i] >> 16));
                }

                i++;
            }
        }
    }
}
