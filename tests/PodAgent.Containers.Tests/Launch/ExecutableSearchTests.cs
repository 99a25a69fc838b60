using PodAgent.Containers.Launch;

namespace PodAgent.Containers.Tests.Launch;

public sealed class ExecutableSearchTests
{
    [Theory]
    [InlineData("/bin/x", "PATH=/a", "/bin/x")]
    [InlineData("./x", "PATH=/a", "./x")]
    [InlineData("x", "PATH=/a:/b/", "/a/x,/b/x")]
    [InlineData("x", "PATH=:/b", "./x,/b/x")]
    [InlineData("x", "PATH=/first,PATH=/last", "/last/x")]
    [InlineData("", "PATH=/a", "")]
    public void Candidates_Always_FollowThePath(string program, string environment, string expected) =>
        Assert.Equal(expected, string.Join(',', ExecutableSearch.Candidates(program, environment.Split(','))));

    [Fact]
    public void Candidates_NoPath_UsesTheDefault() =>
        Assert.Equal("/usr/local/sbin/x", ExecutableSearch.Candidates("x", [])[0]);

    [Fact]
    public void Find_DirectoryAndPlainFile_AreNotPrograms()
    {
        string plain = Path.GetTempFileName();
        try
        {
            Assert.Null(ExecutableSearch.Find(["/no/such", "/tmp", plain], out string? forbidden));
            Assert.Equal("/tmp", forbidden);
            Assert.Equal("/bin/sh", ExecutableSearch.Find([plain, "/bin/sh"], out _));
        }
        finally
        {
            File.Delete(plain);
        }
    }
}
