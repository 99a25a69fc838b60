using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Linux.Networking;

/// <summary>What went through one network interface (proc_pid_net(5), /proc/pid/net/dev), cumulative.</summary>
/// <param name="Name">The interface.</param>
/// <param name="ReceivedBytes">Bytes in.</param>
/// <param name="ReceivedPackets">Packets in.</param>
/// <param name="ReceiveErrors">Packets that came in broken.</param>
/// <param name="ReceiveDrops">Packets that came in and were dropped.</param>
/// <param name="SentBytes">Bytes out.</param>
/// <param name="SentPackets">Packets out.</param>
/// <param name="SendErrors">Packets that could not be sent.</param>
/// <param name="SendDrops">Packets that were dropped before they were sent.</param>
public sealed record InterfaceCounters(
    string Name,
    ulong ReceivedBytes,
    ulong ReceivedPackets,
    ulong ReceiveErrors,
    ulong ReceiveDrops,
    ulong SentBytes,
    ulong SentPackets,
    ulong SendErrors,
    ulong SendDrops)
{
    /// <summary>
    /// The interfaces of the network namespace that a process is in, read from outside: entering it would take a thread of its own. Empty
    /// when the process is gone.
    /// </summary>
    public static IReadOnlyList<InterfaceCounters> Read(int pid) =>
        Parse(ControlFiles.TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/dev")) ?? "");

    /// <summary>Reads the kernel's table: two lines of heading, then <c>name: 8 numbers in, 8 numbers out</c>.</summary>
    public static IReadOnlyList<InterfaceCounters> Parse(string table)
    {
        var found = new List<InterfaceCounters>();
        foreach (string line in table.Split('\n').Skip(2))
        {
            // A name may contain a colon itself (an alias); the numbers do not.
            int colon = line.LastIndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            string[] numbers = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (numbers.Length >= 12)
            {
                found.Add(new InterfaceCounters(
                    line[..colon].Trim(), At(numbers, 0), At(numbers, 1), At(numbers, 2), At(numbers, 3), At(numbers, 8), At(numbers, 9), At(numbers, 10), At(numbers, 11)));
            }
        }

        return found;
    }

    private static ulong At(string[] numbers, int index) =>
        ulong.TryParse(numbers[index], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;
}
