using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;

namespace PodAgent.Containers.Tests.Supervision;

public sealed class ExitRecordsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-exits-").FullName;

    [Fact]
    public void Write_Record_IsReadBackAndRemoved()
    {
        var record = new ProcessState { Id = "a", ExitCode = 137, Signal = 9, FinishedAt = 5 };

        ExitRecords.Write(_directory, record);

        Assert.Equal(record, ExitRecords.Find(_directory, "a"));
        Assert.Equal([record], ExitRecords.ReadAll(_directory));
        ExitRecords.Remove(_directory, "a");
        ExitRecords.Remove(_directory, "a");
        Assert.Null(ExitRecords.Find(_directory, "a"));
    }

    [Fact]
    public void ReadAll_TornOrForeignFiles_AreLeftOut()
    {
        ExitRecords.Write(_directory, new ProcessState { Id = "good" });
        File.WriteAllBytes(Path.Combine(_directory, "torn"), [10, 200]);
        File.WriteAllBytes(Path.Combine(_directory, "foreign"), []);
        File.WriteAllBytes(Path.Combine(_directory, "half.new"), [10, 4]);

        Assert.Equal("good", Assert.Single(ExitRecords.ReadAll(_directory)).Id);
    }

    [Theory]
    [InlineData("abc-1_2.x", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData(".x", false)]
    [InlineData("a/b", false)]
    [InlineData("a.new", false)]
    public void IsValidId_Always_IsAPlainFileName(string id, bool valid) => Assert.Equal(valid, ExitRecords.IsValidId(id));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
