using System.Text.Json;
using PodAgent.Linux.Files;

namespace PodAgent.Network.Records;

/// <summary>The attachment records of a directory, one file per sandbox, each replaced as a whole. Not thread-safe.</summary>
internal sealed class AttachmentStore
{
    private const string Suffix = ".json";
    private const string Unreadable = ".unreadable";

    private readonly string _directory;

    public AttachmentStore(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
    }

    public void Save(NetworkAttachment attachment) =>
        AtomicFile.Write(
            PathOf(attachment.SandboxId), JsonSerializer.SerializeToUtf8Bytes(AttachmentRecord.From(attachment), RecordJson.Default.AttachmentRecord));

    /// <summary>Deletes a sandbox's record, and one of it that was set aside.</summary>
    public void Delete(string sandboxId)
    {
        File.Delete(PathOf(sandboxId));
        File.Delete(PathOf(sandboxId) + Unreadable);
    }

    /// <summary>Reads all records. A file that this program did not write is set aside with a word in <paramref name="problems"/>.</summary>
    public IReadOnlyList<NetworkAttachment> Load(List<string> problems)
    {
        List<NetworkAttachment> attachments = [];
        foreach (string path in Directory.GetFiles(_directory, "*" + Suffix).Order(StringComparer.Ordinal))
        {
            try
            {
                AttachmentRecord? record = JsonSerializer.Deserialize(File.ReadAllBytes(path), RecordJson.Default.AttachmentRecord);
                NetworkAttachment attachment = record?.ToAttachment() ?? throw new FormatException("it is empty");
                if (PathOf(attachment.SandboxId) != path)
                {
                    throw new FormatException($"it is about sandbox \"{attachment.SandboxId}\"");
                }

                attachments.Add(attachment);
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                File.Move(path, path + Unreadable, overwrite: true);
                problems.Add($"network record \"{path}\" is set aside: {e.Message}");
            }
        }

        return attachments;
    }

    private string PathOf(string sandboxId) => Path.Combine(_directory, sandboxId + Suffix);
}
