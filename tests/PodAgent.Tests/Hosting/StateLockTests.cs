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
        using StateLock held = StateLock.Acquire(State, "stop it");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
    }

    [Fact]
    public void Acquire_DirectoryThatOthersMayRead_IsMadePrivate()
    {
        Directory.CreateDirectory(State);
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        using StateLock held = StateLock.Acquire(State, "stop it");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
    }

    [Fact]
    public void Acquire_HeldDirectory_IsRefusedAndNamed()
    {
        using StateLock held = StateLock.Acquire(State, "stop it");

        var failure = Assert.Throws<AgentException>(() => StateLock.Acquire(State, "stop it"));

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Contains($"\"{State}\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Acquire_ReleasedDirectory_IsTaken()
    {
        StateLock.Acquire(State, "stop it").Dispose();

        using StateLock again = StateLock.Acquire(State, "stop it");

        Assert.True(File.Exists(Path.Combine(State, "lock")));
    }

    [Fact]
    public void Acquire_TwoDirectories_AreIndependent()
    {
        using StateLock one = StateLock.Acquire(State, "stop it");
        using StateLock other = StateLock.Acquire(State + "2", "stop it");

        Assert.NotSame(one, other);
    }
}
