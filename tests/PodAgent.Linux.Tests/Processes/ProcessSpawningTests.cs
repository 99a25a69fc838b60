using System.Text;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Tests.Processes;

public sealed class ProcessSpawningTests
{
    [Fact]
    public void Start_Program_HasItsDescriptorsSessionAndMaskAndIsReaped()
    {
        (Fd read, Fd write) = FileData.MakePipe();
        using (read)
        {
            // Not sh: dash clears the signal mask that it inherits.
            int pid = ProcessSpawning.Start(
                "/bin/bash", ["bash", "-c", "{ pwd; grep SigBlk /proc/self/status; echo $X; ls /proc/self/fd | wc -l; } >&3; exit 3"], ["X=value"],
                SignalMask.Of(SignalNumbers.SIGWINCH), write);
            using Fd pidFd = PidFds.Open(pid);
            write.Dispose();

            string output = Encoding.ASCII.GetString(FileData.Read(read));

            Assert.True(Children.Wait(pidFd, out ChildExit exit));
            Assert.Equal(new ChildExit(pid, 3, 0), exit);
            string[] lines = output.Split('\n');
            Assert.Equal(("/", "SigBlk:\t0000000008000000", "value"), (lines[0], lines[1], lines[2]));
            Assert.False(PidFds.Signal(pidFd, SignalNumbers.SIGTERM));
        }
    }

    [Fact]
    public void Start_MissingProgram_IsRefused() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => ProcessSpawning.Start("/no/such/program", ["x"], [], 0)).Errno);

    [Fact]
    public void Children_KilledBySignal_HaveIt()
    {
        int pid = ProcessSpawning.Start("/bin/sleep", ["sleep", "1000"], [], 0);
        using Fd pidFd = PidFds.Open(pid);

        Assert.True(PidFds.Signal(pidFd, SignalNumbers.SIGKILL));

        Assert.True(Children.Wait(pidFd, out ChildExit exit));
        Assert.Equal(new ChildExit(pid, 137, 9), exit);
    }
}
