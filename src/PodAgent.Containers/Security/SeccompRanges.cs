using System.Buffers.Binary;
using static PodAgent.Containers.Security.FilterCodes;

namespace PodAgent.Containers.Security;

/// <summary>
/// Rewrites a filter to the same decisions in half the instructions. libseccomp spends several on every call that a profile names; most of
/// these come in long runs of numbers with one answer. The kernel checks and compiles a filter each time that a process installs it, which is the longest
/// of all steps of a start, and takes as long as the filter is.
/// <code>
/// load architecture; for each of them: load number; a binary tree of ranges of numbers -> return, or
/// a block that looks at arguments, taken over as it is
/// </code>
/// </summary>
/// <remarks>
/// Where nothing but comparisons has looked at a number, a filter does the same for all numbers between two neighbouring constants of its own: so one
/// trial for each such range tells everything. A filter that uses anything else before it looks at arguments stays as it is.
/// </remarks>
internal static class SeccompRanges
{
    // No instruction of the kernel's: a jump to an instruction of the original, in the making.
    private const ushort ToKept = 0xFFFF;

    /// <summary>The shorter program; the given one when it cannot be made shorter.</summary>
    /// <param name="program">struct sock_filter[].</param>
    public static byte[] Rewrite(byte[] program)
    {
        Instruction[] original = Decode(program);
        if (Sections(original) is not { } sections)
        {
            return program;
        }

        List<Instruction> rewritten = Assemble(original, sections);
        return rewritten.Count < original.Length ? Encode(rewritten) : program;
    }

    // For each architecture that the filter knows, and at the end (null) for all others: what happens from which number on.
    private static List<(uint? Architecture, List<Range> Ranges)>? Sections(Instruction[] program)
    {
        var borders = new SortedSet<uint> { 0 };
        foreach (Instruction instruction in program)
        {
            if (instruction.Code is JumpEqual or JumpGreater or JumpGreaterEqual)
            {
                borders.Add(instruction.Value);
                borders.Add(unchecked(instruction.Value + 1));
            }
        }

        // Any number that the program does not mention stands for all others.
        uint other = 1;
        while (borders.Contains(other))
        {
            other++;
        }

        var known = new List<uint>();
        List<Range>? others = Ranges(program, other, borders, known);
        var sections = new List<(uint? Architecture, List<Range> Ranges)>();
        for (int i = 0; i < known.Count && others is not null; i++)
        {
            if (Ranges(program, known[i], borders, known) is not { } ranges)
            {
                return null;
            }

            sections.Add((known[i], ranges));
        }

        if (others is null)
        {
            return null;
        }

        sections.Add((null, others));
        return sections;
    }

    private static List<Range>? Ranges(Instruction[] program, uint architecture, SortedSet<uint> borders, List<uint> known)
    {
        var ranges = new List<Range>();
        foreach (uint first in borders)
        {
            if (Decide(program, architecture, first, known) is not { } outcome)
            {
                return null;
            }

            if (ranges.Count == 0 || ranges[^1].Outcome != outcome)
            {
                ranges.Add(new Range(first, outcome));
            }
        }

        return ranges;
    }

    // Runs the program until it returns or loads an argument, which is the first that it does not know here.
    private static Outcome? Decide(Instruction[] program, uint architecture, uint number, List<uint> known)
    {
        uint accumulator = 0;
        bool ofArchitecture = false;
        for (int at = 0; at < program.Length; at++)
        {
            Instruction instruction = program[at];
            switch (instruction.Code)
            {
                case LoadWord when instruction.Value is NumberOffset or ArchitectureOffset:
                    ofArchitecture = instruction.Value == ArchitectureOffset;
                    accumulator = ofArchitecture ? architecture : number;
                    break;
                case LoadWord:
                    return new Outcome(false, (uint)at);
                case Return:
                    return new Outcome(true, instruction.Value);
                case Jump:
                    at += (int)instruction.Value;
                    break;
                case JumpEqual:
                    if (ofArchitecture && !known.Contains(instruction.Value))
                    {
                        known.Add(instruction.Value);
                    }

                    at += accumulator == instruction.Value ? instruction.True : instruction.False;
                    break;
                case JumpGreater when !ofArchitecture:
                    at += accumulator > instruction.Value ? instruction.True : instruction.False;
                    break;
                case JumpGreaterEqual when !ofArchitecture:
                    at += accumulator >= instruction.Value ? instruction.True : instruction.False;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private static List<Instruction> Assemble(Instruction[] original, List<(uint? Architecture, List<Range> Ranges)> sections)
    {
        // Which instructions of the original look at arguments, and where the tree jumps to them.
        SortedSet<int> kept = Reachable(original, sections.SelectMany(section => section.Ranges).Where(range => !range.Outcome.Returns).Select(range => (int)range.Outcome.Value));
        var code = new List<Instruction> { new(LoadWord, 0, 0, ArchitectureOffset) };
        var trees = new List<List<Instruction>>();
        foreach ((_, List<Range> ranges) in sections)
        {
            List<Instruction> tree = Tree(ranges);
            trees.Add(ranges.Count == 1 ? tree : [new Instruction(LoadWord, 0, 0, NumberOffset), .. tree]);
        }

        // Each test is two instructions; the section for all others follows the tests, the known ones follow that.
        int known = sections.Count - 1;
        int start = 1 + (2 * known) + trees[known].Count;
        for (int i = 0; i < known; i++)
        {
            code.Add(new Instruction(JumpEqual, 0, 1, sections[i].Architecture!.Value));
            code.Add(new Instruction(Jump, 0, 0, (uint)(start - code.Count - 1)));
            start += trees[i].Count;
        }

        code.AddRange(trees[known]);
        trees.Take(known).ToList().ForEach(code.AddRange);
        Dictionary<int, int> moved = kept.Select((at, index) => (at, index)).ToDictionary(pair => pair.at, pair => code.Count + pair.index);
        for (int i = 0; i < code.Count; i++)
        {
            if (code[i].Code == ToKept)
            {
                code[i] = new Instruction(Jump, 0, 0, (uint)(moved[(int)code[i].Value] - i - 1));
            }
        }

        foreach (int at in kept)
        {
            Instruction instruction = original[at];
            int From(uint distance) => moved[at + 1 + (int)distance] - moved[at] - 1;
            code.Add(instruction.Code switch
            {
                Jump => instruction with { Value = (uint)From(instruction.Value) },
                JumpEqual or JumpGreater or JumpGreaterEqual or JumpSet => instruction with { True = (byte)From(instruction.True), False = (byte)From(instruction.False) },
                _ => instruction,
            });
        }

        return code;
    }

    private static List<Instruction> Tree(List<Range> ranges)
    {
        if (ranges.Count == 1)
        {
            (bool returns, uint value) = ranges[0].Outcome;
            return [new Instruction(returns ? Return : ToKept, 0, 0, value)];
        }

        int middle = ranges.Count / 2;
        List<Instruction> below = Tree(ranges[..middle]);
        List<Instruction> above = Tree(ranges[middle..]);
        uint border = ranges[middle].First;
        return below.Count <= byte.MaxValue
            ? [new Instruction(JumpGreaterEqual, (byte)below.Count, 0, border), .. below, .. above]
            : [new Instruction(JumpGreaterEqual, 0, 1, border), new Instruction(Jump, 0, 0, (uint)below.Count), .. below, .. above];
    }

    private static SortedSet<int> Reachable(Instruction[] program, IEnumerable<int> from)
    {
        var reached = new SortedSet<int>();
        var open = new Stack<int>(from);
        while (open.TryPop(out int at))
        {
            if (!reached.Add(at))
            {
                continue;
            }

            Instruction instruction = program[at];
            switch (instruction.Code)
            {
                case Return:
                    break;
                case Jump:
                    open.Push(at + 1 + (int)instruction.Value);
                    break;
                case JumpEqual or JumpGreater or JumpGreaterEqual or JumpSet:
                    open.Push(at + 1 + instruction.True);
                    open.Push(at + 1 + instruction.False);
                    break;
                default:
                    open.Push(at + 1);
                    break;
            }
        }

        return reached;
    }

    private static Instruction[] Decode(byte[] program)
    {
        var instructions = new Instruction[program.Length / 8];
        for (int i = 0; i < instructions.Length; i++)
        {
            ReadOnlySpan<byte> bytes = program.AsSpan(i * 8, 8);
            instructions[i] = new Instruction(
                BinaryPrimitives.ReadUInt16LittleEndian(bytes), bytes[2], bytes[3], BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
        }

        return instructions;
    }

    private static byte[] Encode(List<Instruction> instructions)
    {
        byte[] program = new byte[instructions.Count * 8];
        for (int i = 0; i < instructions.Count; i++)
        {
            Span<byte> bytes = program.AsSpan(i * 8, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, instructions[i].Code);
            bytes[2] = instructions[i].True;
            bytes[3] = instructions[i].False;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], instructions[i].Value);
        }

        return program;
    }

    private readonly record struct Instruction(ushort Code, byte True, byte False, uint Value);

    // What a number leads to: a return with a value, or the original's instruction with this index.
    private readonly record struct Outcome(bool Returns, uint Value);

    private readonly record struct Range(uint First, Outcome Outcome);
}
