namespace PodAgent.Containers.Cgroups;

/// <summary>One line of a device list (the kernel's Documentation/admin-guide/cgroup-v1/devices.rst).</summary>
/// <param name="Allow">False: deny.</param>
/// <param name="Type"><c>c</c> character, <c>b</c> block, <c>a</c> both.</param>
/// <param name="Major">Major number; null: any.</param>
/// <param name="Minor">Minor number; null: any.</param>
/// <param name="Access">One or more of <c>r</c> read, <c>w</c> write, <c>m</c> mknod.</param>
public sealed record DeviceRule(bool Allow, char Type, long? Major, long? Minor, string Access)
{
    /// <summary>Denies everything; the first line of every container's list.</summary>
    public static DeviceRule DenyAll { get; } = new(false, 'a', null, null, "rwm");

    /// <summary>Allows everything; a privileged container's list.</summary>
    public static DeviceRule AllowAll { get; } = new(true, 'a', null, null, "rwm");

    /// <summary>The line in the kernel's own format: <c>c 1:3 rwm</c>.</summary>
    public override string ToString() => $"{Type} {Number(Major)}:{Number(Minor)} {Access}";

    private static string Number(long? value) => value is null ? "*" : $"{value}";
}
