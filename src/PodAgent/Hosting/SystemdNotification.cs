using System.Net.Sockets;
using System.Text;

namespace PodAgent.Hosting;

/// <summary>Tells a service manager that started this process how it stands (sd_notify(3)); silent where there is none.</summary>
internal static class SystemdNotification
{
    public static void Send(string state)
    {
        string? address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(address))
        {
            return;
        }

        // A leading @ stands for the zero byte of an abstract address.
        string path = address[0] == '@' ? '\0' + address[1..] : address;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
    }
}
