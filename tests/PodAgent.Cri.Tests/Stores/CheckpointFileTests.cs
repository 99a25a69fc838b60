using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Stores;

public sealed class CheckpointFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-checkpoint-").FullName;

    [Fact]
    public void Container_WrittenAndRead_IsTheSame()
    {
        ContainerRecord record = Container();
        CheckpointFile.WriteContainer(_directory, record);
        ContainerRecord read = CheckpointFile.ReadContainer(_directory);
        Assert.Equal(record, read);
        Assert.Equal(record.State, read.State);
    }

    [Fact]
    public void Sandbox_WrittenAndRead_IsTheSame()
    {
        SandboxRecord record = Sandbox();
        CheckpointFile.WriteSandbox(_directory, record);
        SandboxRecord read = CheckpointFile.ReadSandbox(_directory);
        Assert.Equal(record.Addresses, read.Addresses);
        Assert.Equal(record with { Addresses = read.Addresses }, read);
    }

    [Fact]
    public void Write_Twice_LeavesOneFileWithTheSecondContentForTheOwnerOnly()
    {
        CheckpointFile.WriteSandbox(_directory, Sandbox());
        CheckpointFile.WriteSandbox(_directory, Sandbox() with { PausePid = 77 });
        string file = Assert.Single(Directory.GetFiles(_directory));
        Assert.Equal(77, CheckpointFile.ReadSandbox(_directory).PausePid);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Read_TornAtAnyPlace_IsDataLossOrWhole()
    {
        CheckpointFile.WriteContainer(_directory, Container());
        string file = Path.Combine(_directory, CheckpointFile.ContainerName);
        byte[] whole = File.ReadAllBytes(file);
        int accepted = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            try
            {
                // Cut between two fields the rest is a valid message: it must at least be this container's.
                Assert.Equal(Container().Id, CheckpointFile.ReadContainer(_directory).Id);
                accepted++;
            }
            catch (AgentException failure)
            {
                Assert.Equal(ErrorKind.DataLoss, failure.Kind);
            }
        }

        Assert.True(accepted < whole.Length / 4, $"{accepted} of {whole.Length} torn files were accepted");
    }

    [Theory]
    [InlineData("no protobuf at all, but some text")]
    [InlineData("")]
    public void Read_Foreign_IsDataLossNamingTheFile(string content)
    {
        File.WriteAllText(Path.Combine(_directory, CheckpointFile.SandboxName), content);
        var failure = Assert.Throws<AgentException>(() => CheckpointFile.ReadSandbox(_directory));
        Assert.Equal(ErrorKind.DataLoss, failure.Kind);
        Assert.Contains(_directory, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OtherId_IsDataLoss()
    {
        CheckpointFile.WriteSandbox(_directory, Sandbox() with { Id = "another" });
        Assert.Equal(ErrorKind.DataLoss, Assert.Throws<AgentException>(() => CheckpointFile.ReadSandbox(_directory)).Kind);
    }

    [Fact]
    public void Read_Missing_IsDataLoss() =>
        Assert.Equal(ErrorKind.DataLoss, Assert.Throws<AgentException>(() => CheckpointFile.ReadSandbox(_directory)).Kind);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private SandboxRecord Sandbox() => new()
    {
        Id = Path.GetFileName(_directory),
        Config = new PodSandboxConfig { Metadata = new PodSandboxMetadata { Name = "p", Namespace = "n", Uid = "u" } },
        CreatedAt = 1,
        StoppedAt = 2,
        CgroupParent = "a/b",
        OwnsCgroupParent = true,
        Addresses = ["10.0.0.1", "fd00::1"],
        PausePid = 12,
        NetworkAttached = true,
    };

    private ContainerRecord Container() => new()
    {
        Id = Path.GetFileName(_directory),
        SandboxId = "sandbox",
        Config = new ContainerConfig { Metadata = new ContainerMetadata { Name = "main", Attempt = 3 }, Command = { "a", "b" } },
        CreatedAt = 1,
        StartedAt = 2,
        FinishedAt = 3,
        ExitCode = 4,
        Reason = "Error",
        Message = "why",
        Pid = 5,
        ImageId = "sha256:1",
        ImageRef = "x@sha256:2",
        LogPath = "/var/log/x",
        Cgroup = "a/b/c",
        StopSignal = 10,
        Spec = new() { Id = "x", Process = new() { Args = { "a" }, Uid = 9 } },
        Resources = new LinuxContainerResources { CpuShares = 7 },
        UserName = "me",
    };
}
