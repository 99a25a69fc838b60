using PodAgent.Containers.Security;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;
using static PodAgent.Containers.Tests.Security.SeccompMachineCode;

namespace PodAgent.Containers.Tests.Security;

[Collection(SeccompCache.Name)]
public sealed class SeccompJsonTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("seccomp-").FullName;

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void CompileJson_DenyList_DeniesWithItsErrno()
    {
        byte[] filter = SeccompProfiles.CompileJson(
            """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","no_such_call"],"action":"SCMP_ACT_ERRNO","errnoRet":5},{"name":"chmod","action":"SCMP_ACT_KILL_PROCESS"}]}""",
            CapabilitySet.Default);

        Assert.Equal(SeccompAction.Error(Errno.EIO), Run(filter, X86_64, 83));
        Assert.Equal(SeccompAction.KillProcess, Run(filter, X86_64, 90));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 84));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 9999));
    }

    [Fact]
    public void CompileJson_DockerForm_ConditionsSelectRules()
    {
        const string Json =
            """
            {
              "defaultAction": "SCMP_ACT_ERRNO",
              "defaultErrnoRet": 13,
              "archMap": [
                { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
                { "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"] }
              ],
              "syscalls": [
                { "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {} },
                { "names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": null, "includes": { "caps": ["CAP_SYS_ADMIN"] } },
                { "names": ["mkdir"], "action": "SCMP_ACT_ALLOW", "excludes": { "caps": ["CAP_CHOWN"] } },
                { "names": ["rmdir"], "action": "SCMP_ACT_ALLOW", "includes": { "arches": ["s390x"] } },
                { "names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "4.8" } },
                { "names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [ { "index": 0, "value": 8, "valueTwo": 0, "op": "SCMP_CMP_EQ" }, { "index": 0, "value": 0, "op": "SCMP_CMP_EQ" } ] }
              ]
            }
            """;
        SeccompAction denied = SeccompAction.Error(Errno.EACCES);

        byte[] filter = SeccompProfiles.CompileJson(Json, CapabilitySet.Default);

        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 0));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86, 3));
        Assert.Equal(denied, Run(filter, X86_64, 165));
        Assert.Equal(denied, Run(filter, X86_64, 83));
        Assert.Equal(denied, Run(filter, X86_64, 84));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 101));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 135, 0));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 135, 8));
        Assert.Equal(denied, Run(filter, X86_64, 135, 9));
        Assert.Equal(SeccompAction.Error(Errno.ENOSYS), Run(filter, X86_64, 500));

        byte[] asAdmin = SeccompProfiles.CompileJson(Json, CapabilitySet.Parse(["SYS_ADMIN"]));
        Assert.Equal(SeccompAction.Allow, Run(asAdmin, X86_64, 165));
        Assert.Equal(SeccompAction.Allow, Run(asAdmin, X86_64, 83));
    }

    [Fact]
    public void Parse_SeveralMistakes_AreReportedTogetherWithTheirPlaces()
    {
        AgentException e = Assert.Throws<AgentException>(() => SeccompJson.Parse(
            """
            {
              "defaultAction": "SCMP_ACT_DENY", "defaultAktion": 1, "architectures": ["SCMP_ARCH_Z80"],
              "syscalls": [
                { "names": [], "action": "SCMP_ACT_ALLOW" },
                { "names": ["read"], "action": "SCMP_ACT_NOTIFY", "args": [ { "index": 9, "value": -1, "op": "EQ" } ] },
                { "names": ["read", 3], "action": "SCMP_ACT_ERRNO", "errnoRet": 70000, "includes": { "caps": ["CAP_FLY"], "minKernel": "new" } }
              ]
            }
            """));

        Assert.Equal(ErrorKind.InvalidArgument, e.Kind);
        Assert.Equal(
            "invalid seccomp profile: defaultAktion: unknown member; defaultAction: unknown action \"SCMP_ACT_DENY\"; architectures: unknown architecture \"SCMP_ARCH_Z80\"; "
            + "syscalls[0].names: no name of a system call; "
            + "syscalls[1].action: user notification is not supported; syscalls[1].args[0].index: 9 is not in 0..5; syscalls[1].args[0].op: unknown operator \"EQ\"; "
            + "syscalls[2].names[1]: not a string; syscalls[2].errnoRet: 70000 is not an error number; "
            + "syscalls[2].includes.caps: unknown capability \"CAP_FLY\"; syscalls[2].includes.minKernel: not a version",
            e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultAction\":\"SCMP_ACT_ALLOW\"}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\"}")]
    public void Parse_NotAProfile_IsRefused(string json) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<AgentException>(() => SeccompJson.Parse(json)).Kind);

    [Fact]
    public void CompileFile_RelativeReference_IsBelowTheDirectory()
    {
        File.WriteAllText(Path.Combine(_directory, "p.json"), """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}""");

        foreach (string reference in new[] { "p.json", "localhost/p.json", _directory + "/p.json" })
        {
            Assert.Equal(SeccompAction.Error(Errno.EPERM), Run(SeccompProfiles.CompileFile(reference, _directory, CapabilitySet.Default), X86_64, 83));
        }
    }

    [Theory]
    [InlineData("", ErrorKind.InvalidArgument)]
    [InlineData("localhost/", ErrorKind.InvalidArgument)]
    [InlineData("../etc/passwd", ErrorKind.InvalidArgument)]
    [InlineData("a/../../p.json", ErrorKind.InvalidArgument)]
    [InlineData("missing.json", ErrorKind.NotFound)]
    public void CompileFile_BadReference_IsRefusedNotUnconfined(string reference, ErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<AgentException>(() => SeccompProfiles.CompileFile(reference, _directory, CapabilitySet.Default)).Kind);
}
