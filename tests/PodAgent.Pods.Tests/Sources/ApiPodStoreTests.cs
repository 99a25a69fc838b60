using Microsoft.Extensions.Logging.Abstractions;
using PodAgent.Pods.Sources;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Sources;

public sealed class ApiPodStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-store-").FullName;
    private readonly ApiPodStore _store;

    public ApiPodStoreTests() => _store = new ApiPodStore(_directory, NullLogger.Instance);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_AfterSave_GivesTheSamePod()
    {
        Core.Pod pod = Make.New();
        _store.Save(pod);

        Assert.Equal(pod, _store.Load().Single());
        _store.Delete(PodKey.Of(pod));
        Assert.Empty(Directory.EnumerateFiles(_directory));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(90)]
    public void Load_TornFile_IsSetAside(int length)
    {
        _store.Save(Make.New());
        string file = Directory.EnumerateFiles(_directory).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

        Assert.Empty(_store.Load());
        Assert.Equal([file + ".bad"], Directory.EnumerateFiles(_directory));
    }

    [Fact]
    public void Load_OneFlippedBit_IsSetAside()
    {
        _store.Save(Make.New());
        string file = Directory.EnumerateFiles(_directory).Single();
        byte[] content = File.ReadAllBytes(file);
        content[^1] ^= 1;
        File.WriteAllBytes(file, content);

        Assert.Empty(_store.Load());
    }

    [Fact]
    public void Load_UnderAnothersName_IsSetAside()
    {
        _store.Save(Make.New());
        File.Move(Directory.EnumerateFiles(_directory).Single(), Path.Combine(_directory, "default_other.pod"));

        Assert.Empty(_store.Load());
    }

    [Fact]
    public void Load_HalfASave_IsForgotten()
    {
        _store.Save(Make.New());
        File.WriteAllText(Path.Combine(_directory, "default_web.pod.new"), "half");

        Assert.Single(_store.Load());
        Assert.Single(Directory.EnumerateFiles(_directory));
    }
}
