using PodAgent.Api.Cri;
using PodAgent.Cri.Cdi;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Tests.Cdi;

public sealed class CdiRegistryTests : IDisposable
{
    private readonly string _first = Directory.CreateTempSubdirectory("podagent-cdi-").FullName;
    private readonly string _second = Directory.CreateTempSubdirectory("podagent-cdi-").FullName;

    [Fact]
    public void Resolve_NoNames_ReadsNothing() => Assert.Same(CdiEdits.None, new CdiRegistry(["/\0"], new FakeMachine()).Resolve([]));

    [Fact]
    public void Resolve_TwoDevicesOfOneFile_BringTheCommonEditsOnce()
    {
        Write(_first, "a.json", """
            {"cdiVersion":"0.5.0","kind":"vendor.com/card","containerEdits":{"env":["COMMON=1"],"additionalGids":[0,44]},
             "devices":[{"name":"a","containerEdits":{"env":["A=1"]}},{"name":"b","containerEdits":{"env":["B=1"],"additionalGids":[44,45]}}]}
            """);
        CdiEdits edits = Registry().Resolve(["vendor.com/card=b", "vendor.com/card=a"]);
        Assert.Equal(["COMMON=1", "B=1", "A=1"], edits.Environment);
        Assert.Equal([44u, 45u], edits.Groups);
    }

    [Fact]
    public void Resolve_DeviceNode_TakesFromTheHostWhatTheFileDoesNotSay()
    {
        Write(_first, "a.json", """
            {"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"a","containerEdits":{"deviceNodes":[
             {"path":"/dev/fuse"},
             {"path":"/dev/own","type":"b","major":8,"minor":1,"fileMode":384,"permissions":"r","uid":5,"gid":6}]}}]}
            """);
        Assert.Equal(
            [
                (new Wire.Device { Path = "/dev/fuse", Type = "c", Major = 10, Minor = 229, Mode = 0x1b6 }, "rwm"),
                (new Wire.Device { Path = "/dev/own", Type = "b", Major = 8, Minor = 1, Mode = 384, Uid = 5, Gid = 6 }, "r"),
            ],
            Registry().Resolve(["vendor.com/card=a"]).Devices);
    }

    [Fact]
    public void Resolve_SameDeviceInTheLaterDirectory_Wins()
    {
        Write(_first, "a.json", Device("FROM=first"));
        Write(_second, "a.json", Device("FROM=second"));
        Assert.Equal(["FROM=second"], Registry().Resolve(["vendor.com/card=0"]).Environment);
    }

    [Fact]
    public void Resolve_SameDeviceTwiceInOneDirectory_NamesBothFiles()
    {
        Write(_first, "a.json", Device("A=1"));
        Write(_first, "b.json", Device("B=1"));
        var failure = Assert.Throws<AgentException>(() => Registry().Resolve(["vendor.com/card=0"]));
        Assert.Contains("a.json", failure.Message, StringComparison.Ordinal);
        Assert.Contains("b.json", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "wrong type")]
    [InlineData("""{"cdiVersion":"9.0.0","kind":"vendor.com/card"}""", "9.0.0")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"card"}""", "kind")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"hooks":[{"path":"/x"}]}}]}""", "hooks")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"env":["=x"]}}]}""", "NAME=value")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"env":7}}]}""", "wrong type")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"additionalGids":["x"]}}]}""", "wrong type")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"mounts":[{"hostPath":"x","containerPath":"/y"}]}}]}""", "absolute")]
    [InlineData("""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/nothing"}]}}]}""", "does not exist")]
    public void Resolve_FileThatCannotBeUsed_SaysWhy(string content, string expected)
    {
        Write(_first, "broken.json", content);
        var failure = Assert.Throws<AgentException>(() => Registry().Resolve(["vendor.com/card=0"]));
        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Contains("vendor.com/card=0", failure.Message, StringComparison.Ordinal);
        Assert.Contains("broken.json", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_BrokenFileOfSomebodyElse_DoesNotMatter()
    {
        Write(_first, "a.json", Device("A=1"));
        Write(_first, "broken.yaml", "a: [");
        Assert.Equal(["A=1"], Registry().Resolve(["vendor.com/card=0"]).Environment);
    }

    [Theory]
    [InlineData("vendor.com/class=device", true)]
    [InlineData("v/c=a.b:c-d_e0", true)]
    [InlineData("vendor.com/class", false)]
    [InlineData("vendor.com=device", false)]
    [InlineData("/class=device", false)]
    [InlineData("vendor.com/class=", false)]
    [InlineData("vendor.com/class=a/b", false)]
    [InlineData("1vendor/class=a", false)]
    [InlineData("", false)]
    public void TrySplit_Name_FollowsTheGrammar(string name, bool valid) => Assert.Equal(valid, CdiDeviceNames.TrySplit(name, out _, out _));

    [Fact]
    public void Of_FieldAndAnnotations_GivesEachNameOnce()
    {
        var config = new ContainerConfig
        {
            CDIDevices = { new CDIDevice { Name = "b" } },
            Annotations = { ["cdi.k8s.io/y"] = "c,b", ["cdi.k8s.io/x"] = "a", ["other"] = "d" },
        };
        Assert.Equal(["b", "a", "c"], CdiDeviceNames.Of(config));
    }

    public void Dispose()
    {
        Directory.Delete(_first, recursive: true);
        Directory.Delete(_second, recursive: true);
    }

    private CdiRegistry Registry() => new([_first, _second], new FakeMachine());

    private static string Device(string variable) =>
        $$$"""{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"env":["{{{variable}}}"]}}]}""";

    private static void Write(string directory, string name, string content) => File.WriteAllText(Path.Combine(directory, name), content);
}
