using PodAgent.Linux.Native;

namespace PodAgent.Linux;

/// <summary>Texts of error numbers.</summary>
public static class ErrnoText
{
    /// <summary>The C library's words in lower case, followed by the symbol: <c>no such file or directory (ENOENT)</c>.</summary>
    public static string Describe(this Errno errno)
    {
        string text = Libc.StrError((int)errno);
        // Only the first letter, and not that of an acronym or name ("RPC struct is bad", "Level 2 not synchronized").
        if (text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]))
        {
            text = char.ToLowerInvariant(text[0]) + text[1..];
        }

        return $"{text} ({errno})";
    }
}
