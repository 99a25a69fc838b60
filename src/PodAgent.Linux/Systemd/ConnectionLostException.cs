namespace PodAgent.Linux.Systemd;

/// <summary>The service manager closed the connection, as it does when it executes itself anew; whether it did what it was asked is not known.</summary>
internal sealed class ConnectionLostException(Errno errno) : IOException($"the connection to systemd ended: {errno.Describe()}");
