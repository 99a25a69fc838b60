using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.RootTests.Cri;

/// <summary>What those who ask for AppArmor are told on a kernel that has none or has it switched off.</summary>
[Trait("Needs", "no-apparmor")]
public sealed class NoAppArmorTests
{
    [Theory]
    [InlineData("runtime/default", "podagent-default")]
    [InlineData("localhost/strict", "strict")]
    public async Task Profile_Asked_IsRefusedWhenTheContainerIsMade(string asked, string named)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.SecurityContext.ApparmorProfile = asked;

        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config));

        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Contains($"cannot use AppArmor profile \"{named}\": AppArmor is not enabled on this machine", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unconfined")]
    public async Task Profile_NoneAsked_RunsWithoutOne(string asked)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.SecurityContext.ApparmorProfile = asked;

        Assert.Equal(0, (await machine.RunToEndAsync(await machine.RunAsync(), config)).ExitCode);
    }
}
