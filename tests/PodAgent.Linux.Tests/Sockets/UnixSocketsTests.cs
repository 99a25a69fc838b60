using System.Text;
using PodAgent.Linux.Files;
using PodAgent.Linux.Sockets;

namespace PodAgent.Linux.Tests.Sockets;

public sealed class UnixSocketsTests
{
    [Fact]
    public void Send_Descriptors_ArriveOpenAndWithTheirMessage()
    {
        (Fd first, Fd second) = UnixSockets.MakePair(packets: true);
        (Fd read, Fd write) = FileData.MakePipe();
        using (first)
        using (second)
        using (read)
        {
            Assert.Equal(1, UnixSockets.TrySend(first, "x"u8, [write.Number, read.Number], out _));
            write.Dispose();
            var received = new List<Fd>();
            byte[] buffer = new byte[8];

            Assert.Equal(1, UnixSockets.TryReceive(second, buffer, received, out _));

            Assert.Equal(2, received.Count);
            Assert.True(FileData.TryWriteAll(received[0], "through"u8, out _));
            received.ForEach(static fd => fd.Dispose());
            Assert.Equal("through", Encoding.ASCII.GetString(FileData.Read(read)));
        }
    }

    [Fact]
    public void Receive_NothingSent_SaysSoWithoutWaiting()
    {
        (Fd first, Fd second) = UnixSockets.MakePair(packets: false);
        using (first)
        using (second)
        {
            Assert.Equal(-1, UnixSockets.TryReceive(second, new byte[1], [], out Errno errno));
            Assert.Equal(Errno.EAGAIN, errno);
        }
    }

    [Fact]
    public void Send_OtherSideClosed_IsAnErrorAndNoSignal()
    {
        (Fd first, Fd second) = UnixSockets.MakePair(packets: false);
        second.Dispose();
        using (first)
        {
            Assert.Equal(-1, UnixSockets.TrySend(first, "x"u8, [], out Errno errno));
            Assert.Equal(Errno.EPIPE, errno);
        }
    }

    [Fact]
    public void PeerOf_Listener_IsThisProcess()
    {
        string directory = Directory.CreateTempSubdirectory("podagent-socket-").FullName;
        try
        {
            using Fd listener = UnixSockets.Listen(Path.Combine(directory, "s"));
            using Fd? client = UnixSockets.TryConnect(Path.Combine(directory, "s"));
            using Fd? accepted = UnixSockets.TryAccept(listener);

            Assert.Equal(Environment.ProcessId, UnixSockets.PeerOf(client!).Pid);
            Assert.Equal(Environment.ProcessId, UnixSockets.PeerOf(accepted!).Pid);
            Assert.Null(UnixSockets.TryConnect(Path.Combine(directory, "none")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Listen_PathLongerThanAnAddress_IsRefused() =>
        Assert.Equal(Errno.ENAMETOOLONG, Assert.Throws<LinuxException>(() => UnixSockets.Listen("/tmp/" + new string('x', 108))).Errno);
}
