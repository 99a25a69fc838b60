using FsCheck;
using FsCheck.Fluent;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Cgroups.V2;
using PodAgent.Containers.Specs;

namespace PodAgent.Containers.Tests.Cgroups.V2;

public class DeviceProgramTests
{
    [Theory]
    [InlineData('c', 1, 3, "rw", true)]    // /dev/null
    [InlineData('c', 1, 1, "m", true)]     // making a node of any device
    [InlineData('c', 1, 1, "rm", false)]   // but not reading /dev/mem
    [InlineData('b', 8, 0, "r", false)]
    [InlineData('b', 8, 0, "m", true)]
    [InlineData('c', 136, 77, "rw", true)] // a pseudo terminal
    [InlineData('c', 10, 229, "rw", true)] // given
    [InlineData('c', 10, 229, "m", true)]
    [InlineData('b', 10, 229, "rw", false)]
    public void Assemble_DefaultRulesAndOneDevice_Decide(char type, uint major, uint minor, string access, bool allowed)
    {
        DeviceRule[] rules = DefaultSpec.DeviceRules(
            [(new Protocol.Device { Path = "/dev/fuse", Type = "c", Major = 10, Minor = 229 }, "rw")], privileged: false);

        Assert.Equal(allowed, BpfMachine.Run(DeviceProgram.Assemble(rules), Request(type, access), major, minor));
    }

    [Fact]
    public void Assemble_NoRules_DeniesEverything() => Assert.False(BpfMachine.Run(DeviceProgram.Assemble([]), Request('c', "r"), 1, 3));

    [Fact]
    public void Assemble_Privileged_AllowsEverything() =>
        Assert.True(BpfMachine.Run(DeviceProgram.Assemble(DefaultSpec.DeviceRules([], privileged: true)), Request('b', "rwm"), 8, 0));

    [Fact]
    public void Assemble_AnyRules_DecidesAsTheListReadsAndHasNoDeadCode()
    {
        Gen<long?> number = Gen.OneOf(Gen.Constant((long?)null), Gen.Elements<long?>(0, 1, 2));
        Gen<DeviceRule> rule =
            from allow in Gen.Elements(true, false)
            from type in Gen.Elements('a', 'b', 'c')
            from major in number
            from minor in number
            from access in Gen.Elements("r", "w", "m", "rw", "rm", "wm", "rwm")
            select new DeviceRule(allow, type, major, minor, access);

        Prop.ForAll(rule.ArrayOf().ToArbitrary(), rules =>
        {
            ulong[] program = DeviceProgram.Assemble(rules);
            BpfMachine.AssertReachable(program);
            foreach (char type in "bc")
            {
                foreach (string access in new[] { "r", "w", "m", "rw", "rwm" })
                {
                    for (uint device = 0; device < 9; device++)
                    {
                        (uint major, uint minor) = (device / 3, device % 3);
                        Assert.Equal(Decide(rules, type, major, minor, access), BpfMachine.Run(program, Request(type, access), major, minor));
                    }
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    private static bool Decide(DeviceRule[] rules, char type, uint major, uint minor, string access)
    {
        foreach (DeviceRule rule in rules.Reverse())
        {
            bool device = (rule.Type == 'a' || rule.Type == type) && (rule.Major ?? major) == major && (rule.Minor ?? minor) == minor;
            bool matches = rule.Allow ? access.All(rule.Access.Contains) : access.Any(rule.Access.Contains);
            if (device && matches)
            {
                return rule.Allow;
            }
        }

        return false;
    }

    private static uint Request(char type, string access) =>
        ((access.Contains('m') ? 1u : 0) | (access.Contains('r') ? 2u : 0) | (access.Contains('w') ? 4u : 0)) << 16 | (type == 'b' ? 1u : 2u);
}
