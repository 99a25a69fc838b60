using PodAgent.Containers.Security;

namespace PodAgent.Containers.Tests.Security;

public sealed class UserNamespaceSupportTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("podagent-proc-").FullName;

    [Theory]
    [InlineData("6.18.44-fc", "1000", true)]
    [InlineData("6.3.0", "1", true)]
    [InlineData("6.1.0-28-cloud-amd64", "1000", false)]
    [InlineData("6.18.44", "0", false)]
    [InlineData("unknown", "1000", false)]
    public void IsAvailable_KernelAndLimit_Decide(string release, string limit, bool expected)
    {
        Write("sys/kernel/osrelease", release + "\n");
        Write("sys/user/max_user_namespaces", limit + "\n");
        Write("self/ns/user", "");
        Assert.Equal(expected, UserNamespaceSupport.IsAvailable(_proc));
    }

    [Fact]
    public void IsAvailable_KernelWithoutThem_IsFalse()
    {
        Write("sys/kernel/osrelease", "6.18.0\n");
        Assert.False(UserNamespaceSupport.IsAvailable(_proc));
    }

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    private void Write(string name, string content)
    {
        string path = Path.Combine(_proc, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
