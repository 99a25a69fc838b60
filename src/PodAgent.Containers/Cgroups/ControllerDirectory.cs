using System.Globalization;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Cgroups;

/// <summary>One cgroup's directory in one hierarchy: its interface files, and errors that name the cgroup.</summary>
/// <param name="Path">Absolute host path.</param>
/// <param name="Cgroup">The cgroup's name for messages.</param>
internal readonly record struct ControllerDirectory(string Path, string Cgroup)
{
    public string File(string name) => $"{Path}/{name}";

    public bool Has(string name) => System.IO.File.Exists(File(name));

    public void Write(string file, string value)
    {
        if (ControlFiles.TryWrite(File(file), value) is { } failure)
        {
            throw Refused(file, value, failure);
        }
    }

    /// <summary>Writes several values to a file that takes one with each write(2).</summary>
    public void WriteEach(string file, IEnumerable<string> values)
    {
        string? last = null;
        if (ControlFiles.TryWriteEach(File(file), values, ref last) is { } failure)
        {
            throw Refused(file, last ?? "", failure);
        }
    }

    public void Write(string file, long value) => Write(file, value.ToString(CultureInfo.InvariantCulture));

    public void Write(string file, ulong value) => Write(file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes, and hands back the refusal when it is one of the expected numbers.</summary>
    public LinuxException? TryWrite(string file, string value, params Errno[] expected)
    {
        LinuxException? failure = ControlFiles.TryWrite(File(file), value);
        return failure is null || expected.Contains(failure.Errno) ? failure : throw Refused(file, value, failure);
    }

    public string? TryRead(string file) => ControlFiles.TryRead(File(file));

    public ulong? TryReadNumber(string file) =>
        ulong.TryParse(TryRead(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;

    /// <summary>The lines <c>key value</c> of a file, empty when it does not exist.</summary>
    public Dictionary<string, ulong> ReadTable(string file)
    {
        var table = new Dictionary<string, ulong>();
        foreach (ReadOnlySpan<char> line in TryRead(file).AsSpan().EnumerateLines())
        {
            int space = line.IndexOf(' ');
            if (space > 0 && ulong.TryParse(line[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            {
                table[line[..space].ToString()] = value;
            }
        }

        return table;
    }

    public AgentException Refused(string file, string value, LinuxException failure)
    {
        ErrorKind kind = failure.Errno switch
        {
            Errno.EINVAL or Errno.ERANGE or Errno.E2BIG => ErrorKind.InvalidArgument,
            Errno.EBUSY or Errno.ENOENT or Errno.ENODEV or Errno.ENOSPC or Errno.EACCES or Errno.EPERM => ErrorKind.FailedPrecondition,
            _ => ErrorKind.Internal,
        };
        return new AgentException(kind, $"cannot set {file} of cgroup \"{Cgroup}\" to \"{value}\": {failure.Errno.Describe()}", failure);
    }

    /// <summary>The error for a limit that was asked for and whose controller is not there.</summary>
    public AgentException Missing(string controller, string what) =>
        new(ErrorKind.FailedPrecondition, $"cannot set {what} of cgroup \"{Cgroup}\": the {controller} controller is not available");
}
