using System.Security.Cryptography;
using PodAgent.Containers.Security;

namespace PodAgent.Containers.Tests.Security;

[Collection(SeccompCache.Name)]
public sealed class SeccompCacheTests : IDisposable
{
    private const string Json = """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["link"],"action":"SCMP_ACT_ERRNO"}]}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("seccomp-cache-").FullName + "/programs";

    public SeccompCacheTests()
    {
        SeccompProfiles.ForgetCompiled();
        SeccompProfiles.CacheDirectory = _directory;
    }

    public void Dispose()
    {
        SeccompProfiles.CacheDirectory = null;
        SeccompProfiles.ForgetCompiled();
        Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);
    }

    [Fact]
    public void CompileJson_StoredProgram_IsServedAfterARestart()
    {
        _ = SeccompProfiles.CompileJson(Json, CapabilitySet.None);
        string file = Assert.Single(Directory.GetFiles(_directory));
        byte[] other = [6, 0, 0, 0, 0, 0, 0xFF, 0x7F];
        File.WriteAllBytes(file, [.. SHA256.HashData(other), .. other]);

        SeccompProfiles.ForgetCompiled();

        Assert.Equal(other, SeccompProfiles.CompileJson(Json, CapabilitySet.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(40)]
    public void CompileJson_TornProgram_IsCompiledAnew(int length)
    {
        byte[] program = SeccompProfiles.CompileJson(Json, CapabilitySet.None);
        string file = Assert.Single(Directory.GetFiles(_directory));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

        SeccompProfiles.ForgetCompiled();

        Assert.Equal(program, SeccompProfiles.CompileJson(Json, CapabilitySet.None));
        Assert.Equal(32 + program.Length, new FileInfo(file).Length);
    }

    [Fact]
    public void CompileJson_OtherCapabilitiesOrProfile_IsAnotherProgram()
    {
        _ = SeccompProfiles.RuntimeDefault(CapabilitySet.None);
        _ = SeccompProfiles.RuntimeDefault(CapabilitySet.Parse(["SYS_ADMIN"]));
        _ = SeccompProfiles.Pause;

        Assert.Equal(3, Directory.GetFiles(_directory).Length);
    }

    [Fact]
    public void CompileJson_DirectoryThatCannotBeMade_CostsOnlyTime()
    {
        SeccompProfiles.CacheDirectory = "/proc/no-such-place";

        Assert.NotEmpty(SeccompProfiles.CompileJson(Json, CapabilitySet.None));
    }
}
