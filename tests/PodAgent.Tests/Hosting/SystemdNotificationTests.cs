using System.Net.Sockets;
using System.Text;
using PodAgent.Hosting;

namespace PodAgent.Tests.Hosting;

/// <summary>The environment belongs to the process: only this class touches NOTIFY_SOCKET.</summary>
public sealed class SystemdNotificationTests : IDisposable
{
    private const string Variable = "NOTIFY_SOCKET";

    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-test-").FullName;

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Send_WithASocketFile_ArrivesAsOneDatagram()
    {
        string path = Path.Combine(_directory, "notify");

        Assert.Equal("READY=1", SendTo(path, path));
    }

    [Fact]
    public void Send_WithAnAbstractAddress_Arrives()
    {
        string name = "podagent-test-" + Guid.NewGuid();

        Assert.Equal("READY=1", SendTo("\0" + name, "@" + name));
    }

    [Fact]
    public void Send_WithoutServiceManager_IsSilent()
    {
        Environment.SetEnvironmentVariable(Variable, null);

        Assert.Null(Record.Exception(() => SystemdNotification.Send("READY=1")));
    }

    private static string SendTo(string address, string variable)
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(address));
        manager.ReceiveTimeout = 10_000;
        Environment.SetEnvironmentVariable(Variable, variable);

        SystemdNotification.Send("READY=1");

        byte[] buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
    }
}
