using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Devices by path and by CDI name.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("pat-devices-").FullName;

    [Theory]
    [InlineData("r", true, false)]
    [InlineData("rw", true, true)]
    [InlineData("m", false, false)]
    public async Task Device_Permissions_AreThoseOfTheControlGroup(string permissions, bool reads, bool writes)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Devices.Add(new Device { HostPath = "/dev/loop-control", ContainerPath = "/dev/mine", Permissions = permissions });
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal("10 237\n", (await machine.ShellAsync(id, "printf '%d %d\\n' 0x$(stat -c %t /dev/mine) 0x$(stat -c %T /dev/mine)")).Out);
        Assert.Equal(reads, (await machine.ShellAsync(id, "exec 3< /dev/mine")).Code == 0);
        Assert.Equal(writes, (await machine.ShellAsync(id, "exec 3>> /dev/mine")).Code == 0);
    }

    [Fact]
    public async Task Device_NotGiven_CanBeMadeButNotUsed()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), CriMachine.Shell("sleep 1000"));
        Assert.Equal(0, (await machine.ShellAsync(id, "mknod /tmp/d c 10 237")).Code);
        Assert.Contains("Operation not permitted", (await machine.ShellAsync(id, "exec 3< /tmp/d")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("yaml")]
    public async Task Cdi_FieldAndAnnotation_BringDevicesMountsAndVariables(string format)
    {
        File.WriteAllText(Path.Combine(_work, "data"), "of the vendor");
        File.WriteAllText(Path.Combine(_work, $"vendor.{format}"), format == "json"
            ? $$$"""
              {"cdiVersion":"0.6.0","kind":"vendor.com/card",
               "containerEdits":{"env":["VENDOR=yes"],"additionalGids":[777]},
               "devices":[
                {"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/card0","hostPath":"/dev/loop-control","permissions":"rw"}]}},
                {"name":"1","containerEdits":{"env":["CARD=1"],"mounts":[{"hostPath":"{{{_work}}}/data","containerPath":"/vendor/data","options":["ro","bind"]}]}}]}
              """
            : $$$"""
              cdiVersion: 0.6.0
              kind: vendor.com/card
              containerEdits:
                env: [VENDOR=yes]
                additionalGids: [777]
              devices:
              - name: "0"
                containerEdits:
                  deviceNodes:
                  - {path: /dev/card0, hostPath: /dev/loop-control, permissions: rw}
              - name: "1"
                containerEdits:
                  env: [CARD=1]
                  mounts:
                  - {hostPath: {{{_work}}}/data, containerPath: /vendor/data, options: [ro, bind]}
              """);
        await using CriMachine machine = await StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.CDIDevices.Add(new CDIDevice { Name = "vendor.com/card=0" });
        config.Annotations.Add("cdi.k8s.io/plugin_card", "vendor.com/card=1,vendor.com/card=0");
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal((0, "yes 1 of the vendor\n", ""), await machine.ShellAsync(id, "exec 3< /dev/card0; echo $VENDOR $CARD $(cat /vendor/data)"));
        Assert.Equal("0 777\n", (await machine.ExecAsync(id, "id", "-G")).Out);
        Assert.Contains("Read-only", (await machine.ExecAsync(id, "touch", "/vendor/data")).Error, StringComparison.Ordinal);
        Assert.Empty((await machine.StatusAsync(id)).Mounts);
    }

    [Theory]
    [InlineData("vendor.com/card=9", StatusCode.NotFound, "not defined")]
    [InlineData("not a name", StatusCode.InvalidArgument, "vendor.com/class=device")]
    public async Task Cdi_UnknownDevice_IsRefusedAtCreate(string name, StatusCode code, string expected)
    {
        File.WriteAllText(Path.Combine(_work, "vendor.json"), """{"cdiVersion":"0.6.0","kind":"vendor.com/card","devices":[{"name":"0","containerEdits":{"env":["A=b"]}}]}""");
        await using CriMachine machine = await StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.CDIDevices.Add(new CDIDevice { Name = name });
        string sandbox = await machine.RunAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config));
        Assert.Equal(code, failure.StatusCode);
        Assert.Contains(expected, failure.Status.Detail, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private Task<CriMachine> StartAsync() => CriMachine.StartAsync(options => options with { CdiDirectories = ["/no/such/directory", _work] });
}
