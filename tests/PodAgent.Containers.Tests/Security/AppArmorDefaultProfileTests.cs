using PodAgent.Containers.Security;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Security;

public sealed class AppArmorDefaultProfileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("apparmor-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void EnsureLoaded_NoAppArmor_SaysSo()
    {
        AgentException e = Assert.Throws<AgentException>(() => Make("N\n", Parser("exit 0")).EnsureLoaded());

        Assert.Equal("cannot use AppArmor profile \"podagent-default\": AppArmor is not enabled on this machine", e.Message);
    }

    [Fact]
    public void EnsureLoaded_NoParser_TellsWhatToInstall()
    {
        AgentException e = Assert.Throws<AgentException>(() => Make("Y\n", _directory + "/nowhere").EnsureLoaded());

        Assert.Equal(ErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("install the package apparmor", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureLoaded_Twice_GivesTheProfileToTheParserOnce()
    {
        AppArmorDefaultProfile profile = Make("Y\n", Parser($"cat >> {_directory}/given; echo \"$@\" >> {_directory}/arguments"));

        profile.EnsureLoaded();
        profile.EnsureLoaded();

        Assert.StartsWith("profile podagent-default flags=", File.ReadAllText(_directory + "/given"), StringComparison.Ordinal);
        Assert.Equal("--replace --skip-cache --quiet\n", File.ReadAllText(_directory + "/arguments"));
    }

    [Theory]
    [InlineData("podagent-default (enforce)\npodagent-default//VERSION (enforce)\nother//version-0 (complain)\n", false)]
    [InlineData("podagent-default (enforce)\n", true)]
    [InlineData("podagent-default//VERSION (enforce)\n", true)]
    [InlineData("podagent-default (enforce)\npodagent-default//version-000000000000 (enforce)\n", true)]
    [InlineData("podagent-default (enforce)\npodagent-default//VERSION (enforce)\npodagent-default//version-000000000000 (enforce)\n", true)]
    public void EnsureLoaded_KernelHasOne_CompilesUnlessItIsTheSame(string profiles, bool compiles)
    {
        Make("Y\n", Parser($"cat > {_directory}/given")).EnsureLoaded();
        string given = File.ReadAllText(_directory + "/given");
        string version = given.Split("  profile ")[^1].Split(' ')[0];
        File.Delete(_directory + "/given");
        Directory.CreateDirectory(_directory + "/apparmor");
        File.WriteAllText(_directory + "/apparmor/profiles", profiles.Replace("VERSION", version, StringComparison.Ordinal));

        Make("Y\n", Parser($"cat > {_directory}/given")).EnsureLoaded();

        Assert.StartsWith("version-", version, StringComparison.Ordinal);
        Assert.Equal(compiles, File.Exists(_directory + "/given"));
    }

    [Fact]
    public void EnsureLoaded_ParserRefuses_IsTriedAgainAndTellsWhatItSaid()
    {
        AppArmorDefaultProfile profile = Make("Y\n", Parser("cat >/dev/null; echo 'syntax error' >&2; exit 3"));

        for (int i = 0; i < 2; i++)
        {
            AgentException e = Assert.Throws<AgentException>(profile.EnsureLoaded);
            Assert.EndsWith("ended with 3: syntax error", e.Message, StringComparison.Ordinal);
        }
    }

    private AppArmorDefaultProfile Make(string enabled, string parser)
    {
        File.WriteAllText(_directory + "/enabled", enabled);
        return new AppArmorDefaultProfile(new AppArmor(_directory, _directory + "/enabled"), parser);
    }

    private string Parser(string script)
    {
        string path = _directory + "/parser";
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
