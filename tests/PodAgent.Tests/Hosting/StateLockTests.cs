using PodAgent.Hosting;
using PodAgent.Linux;

namespace PodAgent.Tests.Hosting;

public sealed class StateLockTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-test-").FullName;

    private string State => Path.Combine(_directory, "a", "state");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Acquire_NewDirectory_IsPrivate()
    {
        using StateLock held = StateLock.Acquire(State);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
    }

    [Fact]
    public void Acquire_DirectoryThatOthersMayRead_IsMadePrivate()
    {
        Directory.CreateDirectory(State);
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        using StateLock held = StateLock.Acquire(State);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
    }

    [Fact]
    public void Acquire_HeldDirectory_IsRefusedAndNamed()
    {
        using StateLock held = StateLock.Acquire(State);

        var failure = Assert.Throws<AgentException>(() => StateLock.Acquire(State));

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Contains($"\"{State}\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Acquire_ReleasedDirectory_IsTaken()
    {
        StateLock.Acquire(State).Dispose();

        using StateLock again = StateLock.Acquire(State);

        Assert.True(File.Exists(Path.Combine(State, "lock")));
    }

    [Fact]
    public void Acquire_TwoDirectories_AreIndependent()
    {
        using StateLock one = StateLock.Acquire(State);
        using StateLock other = StateLock.Acquire(State + "2");

        Assert.NotSame(one, other);
    }
}
