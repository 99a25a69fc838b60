using System.Globalization;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Security;

/// <summary>Whether this machine can give pods user namespaces.</summary>
public static class UserNamespaceSupport
{
    // Volumes on tmpfs (secrets, service account tokens) can be mapped since this version; overlayfs takes mapped layers since 5.19.
    private static readonly Version s_minimum = new(6, 3);

    /// <summary>The kernel has user namespaces, is allowed to make one, and can map the owners of files on tmpfs too.</summary>
    public static bool IsAvailable(string proc = "/proc")
    {
        string release = ControlFiles.TryRead($"{proc}/sys/kernel/osrelease") ?? "";
        string number = new([.. release.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.')]);
        return Version.TryParse(number.TrimEnd('.'), out Version? kernel)
            && kernel >= s_minimum
            && File.Exists($"{proc}/self/ns/user")
            && ulong.TryParse(ControlFiles.TryRead($"{proc}/sys/user/max_user_namespaces")?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong allowed)
            && allowed > 0;
    }
}
