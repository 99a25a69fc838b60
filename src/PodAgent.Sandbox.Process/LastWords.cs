using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Sandbox.Process;

/// <summary>What this process has to say when nobody listens: a file in the pod's directory.</summary>
internal static class LastWords
{
    public static void Write(string directory, string text)
    {
        if (directory.Length == 0)
        {
            return;
        }

        try
        {
            using Fd file = FileTree.Open($"{directory}/pod-sandbox.log", OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow, 0x180);
            _ = FileData.TryWriteAll(file, Encoding.UTF8.GetBytes($"{TimeProvider.System.GetUtcNow():O} {text}\n"), out _);
        }
        catch (LinuxException)
        {
            // There is no further place.
        }
    }
}
