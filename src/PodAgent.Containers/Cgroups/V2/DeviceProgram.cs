namespace PodAgent.Containers.Cgroups.V2;

/// <summary>
/// Assembles the BPF program that stands for a device list on cgroup v2. It receives struct bpf_cgroup_dev_ctx and returns 1 (allow) or
/// 0 (deny).
/// <code>
/// r2 = type (1 block, 2 character)    r3 = wanted access (1 mknod, 2 read, 4 write)    r4 = major    r5 = minor
/// for each rule, the last first:
///     unless type, major and minor match: next rule
///     allow: unless all of the wanted access is in the rule's: next rule
///     deny:  unless some of the wanted access is in the rule's: next rule
///     return the rule's answer
/// return 0
/// </code>
/// </summary>
internal static class DeviceProgram
{
    private const int TypeBlock = 1;
    private const int TypeCharacter = 2;
    private const int AllAccess = 7;

    // BPF_<class>|<mode>|<source>, linux/bpf.h and linux/bpf_common.h
    private const byte LoadWord = 0x61;         // BPF_LDX|BPF_MEM|BPF_W
    private const byte Move32Immediate = 0xB4;  // BPF_ALU|BPF_MOV|BPF_K
    private const byte Move32Register = 0xBC;   // BPF_ALU|BPF_MOV|BPF_X
    private const byte And32Immediate = 0x54;   // BPF_ALU|BPF_AND|BPF_K
    private const byte ShiftRight32 = 0x74;     // BPF_ALU|BPF_RSH|BPF_K
    private const byte JumpNotEqual = 0x55;     // BPF_JMP|BPF_JNE|BPF_K
    private const byte JumpNotEqualRegister = 0x5D; // BPF_JMP|BPF_JNE|BPF_X
    private const byte JumpEqual = 0x15;        // BPF_JMP|BPF_JEQ|BPF_K
    private const byte Exit = 0x95;             // BPF_JMP|BPF_EXIT

    public static ulong[] Assemble(IReadOnlyList<DeviceRule> rules)
    {
        var program = new List<ulong>
        {
            Instruction(LoadWord, 2, 1, 0),
            Instruction(And32Immediate, 2, 0, 0, 0xFFFF),
            Instruction(LoadWord, 3, 1, 0),
            Instruction(ShiftRight32, 3, 0, 0, 16),
            Instruction(LoadWord, 4, 1, 4),
            Instruction(LoadWord, 5, 1, 8),
        };
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            List<ulong> checks = Checks(rules[i]);
            program.AddRange(checks);
            program.Add(Instruction(Move32Immediate, 0, 0, 0, rules[i].Allow ? 1 : 0));
            program.Add(Instruction(Exit));
            if (checks.Count == 0)
            {
                // The rule decides everything, and the verifier refuses code that cannot be reached.
                return [.. program];
            }
        }

        program.Add(Instruction(Move32Immediate, 0, 0, 0, 0));
        program.Add(Instruction(Exit));
        return [.. program];
    }

    private static List<ulong> Checks(DeviceRule rule)
    {
        var conditions = new List<(byte Code, int Destination, int Source, int Immediate)>();
        var prepared = new List<ulong>();
        if (rule.Type != 'a')
        {
            conditions.Add((JumpNotEqual, 2, 0, rule.Type == 'b' ? TypeBlock : TypeCharacter));
        }

        int access = Access(rule.Access);
        int accessAt = -1;
        if (access != AllAccess)
        {
            accessAt = conditions.Count;
            prepared.Add(Instruction(Move32Register, 1, 3));
            prepared.Add(Instruction(And32Immediate, 1, 0, 0, access));
            conditions.Add(rule.Allow ? (JumpNotEqualRegister, 1, 3, 0) : (JumpEqual, 1, 0, 0));
        }

        if (rule.Major is { } major)
        {
            conditions.Add((JumpNotEqual, 4, 0, checked((int)major)));
        }

        if (rule.Minor is { } minor)
        {
            conditions.Add((JumpNotEqual, 5, 0, checked((int)minor)));
        }

        // Each condition jumps over the rest of the rule: the conditions that follow, what prepares them, and the two instructions of
        // the answer.
        var code = new List<ulong>();
        for (int i = 0; i < conditions.Count; i++)
        {
            if (i == accessAt)
            {
                code.AddRange(prepared);
            }

            int following = conditions.Count - 1 - i + (i < accessAt ? prepared.Count : 0);
            (byte op, int destination, int source, int immediate) = conditions[i];
            code.Add(Instruction(op, destination, source, (short)(following + 2), immediate));
        }

        return code;
    }

    private static int Access(string access) =>
        (access.Contains('m') ? 1 : 0) | (access.Contains('r') ? 2 : 0) | (access.Contains('w') ? 4 : 0);

    // struct bpf_insn, little-endian: code, destination and source register in one byte, offset, immediate.
    private static ulong Instruction(byte code, int destination = 0, int source = 0, short offset = 0, int immediate = 0) =>
        code | ((ulong)(uint)(destination | (source << 4)) << 8) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)immediate << 32);
}
