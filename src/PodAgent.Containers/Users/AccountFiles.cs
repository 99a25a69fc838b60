using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Users;

/// <summary>
/// The image's /etc/passwd and /etc/group. Their author is the image's author: at most 10 MiB are read, only from a regular file inside the
/// root, and a line that is not well-formed is passed over instead of being guessed at.
/// </summary>
internal static class AccountFiles
{
    public const int MaxBytes = 10 * 1024 * 1024;

    public static IEnumerable<PasswdEntry> ReadPasswd(Fd rootfs) => ParsePasswd(Read(rootfs, "/etc/passwd"));

    public static IEnumerable<GroupEntry> ReadGroup(Fd rootfs) => ParseGroup(Read(rootfs, "/etc/group"));

    public static IEnumerable<PasswdEntry> ParsePasswd(string text)
    {
        foreach (string[] fields in Lines(text))
        {
            // name:password:uid:gid:comment:home:shell; the last ones may be missing.
            if (fields.Length >= 4 && fields[0].Length > 0 && UserId.TryParse(fields[2], out uint uid) && UserId.TryParse(fields[3], out uint gid))
            {
                yield return new PasswdEntry(fields[0], uid, gid, fields.Length > 5 ? fields[5] : "");
            }
        }
    }

    public static IEnumerable<GroupEntry> ParseGroup(string text)
    {
        foreach (string[] fields in Lines(text))
        {
            // name:password:gid:member,member
            if (fields.Length >= 3 && fields[0].Length > 0 && UserId.TryParse(fields[2], out uint gid))
            {
                yield return new GroupEntry(fields[0], gid, fields.Length > 3 ? fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : []);
            }
        }
    }

    private static IEnumerable<string[]> Lines(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            ReadOnlySpan<char> line = text.AsSpan(start, end - start).TrimEnd('\r').TrimStart();
            start = end + 1;
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line.ToString().Split(':');
            }
        }
    }

    private static string Read(Fd rootfs, string path)
    {
        try
        {
            byte[]? content = RootfsFiles.TryRead(rootfs, path, MaxBytes);
            return content is null ? "" : Encoding.UTF8.GetString(content);
        }
        catch (LinuxException e)
        {
            string cause = e.Errno switch
            {
                Errno.EFBIG => $"it is larger than {MaxBytes >> 20} MiB",
                Errno.EINVAL => "it is not a regular file",
                _ => e.Errno.Describe(),
            };
            throw new AgentException(ErrorKind.InvalidArgument, $"cannot read {path} of the image: {cause}", e);
        }
    }
}
