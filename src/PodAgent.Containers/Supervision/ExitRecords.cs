using Google.Protobuf;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Supervision;

/// <summary>
/// Exit records: one file per ended process, named after its ID, in the directory that <see cref="SandboxSpec.ExitDirectory"/> names.
/// pod-sandbox writes a record before it reports the exit, so that no exit is lost when it, or the agent, ends in between.
/// </summary>
public static class ExitRecords
{
    /// <summary>All records of a directory; none when it does not exist. A torn file is not a record and is left out.</summary>
    /// <exception cref="LinuxException">The directory cannot be read.</exception>
    public static IReadOnlyList<ProcessState> ReadAll(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var records = new List<ProcessState>();
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            if (!file.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal) && Find(directory, Path.GetFileName(file)) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>The record of one process; null when there is none.</summary>
    /// <param name="directory">The sandbox's exit directory.</param>
    /// <param name="id">Container or exec ID.</param>
    /// <exception cref="LinuxException">The file exists and cannot be read.</exception>
    public static ProcessState? Find(string directory, string id)
    {
        using Fd? file = FileTree.TryOpen(Path.Combine(directory, id), OpenFlags.ReadOnly | OpenFlags.NoFollow);
        if (file is null)
        {
            return null;
        }

        try
        {
            ProcessState record = ProcessState.Parser.ParseFrom(FileData.Read(file, id));
            return record.Id == id ? record : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>Removes a record; no error when there is none.</summary>
    /// <exception cref="LinuxException">The file cannot be removed.</exception>
    public static void Remove(string directory, string id) => _ = FileTree.TryRemove(Path.Combine(directory, id));

    /// <summary>Whether an ID can be a file name of its own.</summary>
    internal static bool IsValidId(string id) =>
        id.Length is > 0 and <= 200 && id[0] != '.' && !id.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal)
        && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    internal static void Write(string directory, ProcessState record) => AtomicFile.Write(Path.Combine(directory, record.Id), record.ToByteArray());
}
