using System.Globalization;
using System.Text;
using Google.Protobuf;
using PodAgent.Api.Core;
using PodAgent.Api.Defaults;
using PodAgent.Api.Documents;
using PodAgent.Api.Json;

namespace PodAgent.Api.Manifests;

/// <summary>
/// Reads manifests, YAML or JSON, one or many documents, as kubectl would and stricter: unknown fields, wrong types and duplicate keys are
/// problems, and all of them are found in one go. Nothing is defaulted or validated beyond its shape here, except that a Secret's
/// <c>stringData</c> ends up in <c>data</c>.
/// </summary>
public sealed class ManifestReader
{
    private const int MaxListDepth = 4;

    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = DocumentLimits.MaxBytes;

    /// <summary>Reads a file.</summary>
    /// <param name="content">UTF-8, with or without a byte order mark, at most 10 MiB.</param>
    /// <param name="fileName">Named in problems; null when there is none. A name that ends in <c>.json</c> is never taken for YAML.</param>
    public ManifestReadResult Read(ReadOnlyMemory<byte> content, string? fileName)
    {
        List<ManifestProblem> problems = [];
        List<ManifestObject> objects = [];
        foreach (DocumentNode root in ReadDocuments(content.Span, fileName, problems))
        {
            ReadObject(root, "", objects, problems, fileName, 0);
        }

        return new ManifestReadResult(objects, problems);
    }

    internal static List<DocumentNode> ReadDocuments(ReadOnlySpan<byte> content, string? file, List<ManifestProblem> problems)
    {
        List<DocumentNode> roots = [];
        if (content.Length > DocumentLimits.MaxBytes)
        {
            problems.Add(new ManifestProblem(file, 0, 0, "", $"file has {content.Length} bytes, at most {DocumentLimits.MaxBytes} are read"));
            return roots;
        }

        if (content.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[Encoding.UTF8.Preamble.Length..];
        }

        bool isJson = file?.EndsWith(".json", StringComparison.OrdinalIgnoreCase) == true;
        ReadOnlySpan<byte> trimmed = content.TrimStart(" \t\r\n"u8);
        DocumentException? failure = null;
        if (isJson || trimmed is [(byte)'{', ..])
        {
            failure = TryRead(content, JsonDocumentReader.Read, roots);
            if (failure is null || isJson)
            {
                AddFailure(failure, file, problems);
                return roots;
            }

            // `{apiVersion: v1}` is YAML; only when that fails too is it JSON with a mistake.
            roots.Clear();
        }

        DocumentException? yamlFailure = TryRead(content, ReadYaml, roots);
        if (failure is not null && yamlFailure is not null)
        {
            roots.Clear();
            yamlFailure = failure;
        }

        AddFailure(yamlFailure, file, problems);
        return roots;
    }

    private static void ReadYaml(ReadOnlySpan<byte> content, Action<DocumentNode> found)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            int valid = System.Text.Unicode.Utf8.IsValid(content) ? content.Length : FirstInvalid(content);
            int line = content[..valid].Count((byte)'\n') + 1;
            throw new DocumentException("file is not valid UTF-8", line, valid - content[..valid].LastIndexOf((byte)'\n'));
        }

        YamlDocumentReader.Read(text, found);
    }

    private static int FirstInvalid(ReadOnlySpan<byte> content)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(content[offset..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            offset += consumed;
        }

        return offset;
    }

    private delegate void DocumentSource(ReadOnlySpan<byte> content, Action<DocumentNode> found);

    private static DocumentException? TryRead(ReadOnlySpan<byte> content, DocumentSource source, List<DocumentNode> roots)
    {
        try
        {
            source(content, roots.Add);
            return null;
        }
        catch (DocumentException exception)
        {
            return exception;
        }
    }

    private static void AddFailure(DocumentException? failure, string? file, List<ManifestProblem> problems)
    {
        if (failure is not null)
        {
            problems.Add(new ManifestProblem(file, failure.Line, failure.Column, "", failure.Message));
        }
    }

    private static void ReadObject(
        DocumentNode root, string path, List<ManifestObject> objects, List<ManifestProblem> problems, string? file, int depth)
    {
        if (root is ScalarNode { Kind: ScalarKind.Null })
        {
            return;
        }

        MessageReader reader = new(file, problems);
        if (root is not MappingNode mapping)
        {
            reader.Report(root.Line, root.Column, path, $"expected an object with apiVersion and kind, got {root.Describe()}");
            return;
        }

        if (ReadKind(mapping, path, reader) is not (string apiVersion, string kind))
        {
            return;
        }

        if (kind == "List" || ObjectKind.Find(kind) is { IsList: true })
        {
            ReadItems(mapping, path, kind, apiVersion, objects, problems, file, depth);
            return;
        }

        int before = problems.Count;
        IMessage message = ObjectKind.Find(kind)!.NewMessage();
        reader.ReadObject(mapping, message, path, isRoot: true);
        if (problems.Count == before)
        {
            if (message is Secret secret)
            {
                SecretDefaults.Apply(secret);
            }

            objects.Add(new ManifestObject(kind, apiVersion, message, mapping.Line));
        }
    }

    /// <summary>Checks kind before apiVersion: the kind tells which apiVersion was meant.</summary>
    private static (string ApiVersion, string Kind)? ReadKind(MappingNode mapping, string path, MessageReader reader)
    {
        string prefix = path.Length == 0 ? "" : path + ".";
        string? kind = ReadName(mapping, "kind", prefix, reader);
        string? apiVersion = ReadName(mapping, "apiVersion", prefix, reader);
        if (kind is null || apiVersion is null)
        {
            return null;
        }

        DocumentNode place = mapping.Find("kind")!;
        ObjectKind? known = kind == "List" ? new ObjectKind("v1", "List", "k8s.io.apimachinery.pkg.apis.meta.v1.List", () => new Meta.List()) : ObjectKind.Find(kind);
        if (known is null)
        {
            string? suggestion = NameSuggestion.For(kind, ObjectKind.AllNames);
            string hint = suggestion is null ? "" : $", did you mean \"{suggestion}\"?";
            reader.Report(place.Line, place.Column, prefix + "kind",
                $"unknown kind \"{kind}\"{hint} (supported: {string.Join(", ", ObjectKind.Names)})");
            return null;
        }

        if (known.ApiVersion != apiVersion)
        {
            place = mapping.Find("apiVersion")!;
            reader.Report(place.Line, place.Column, prefix + "apiVersion",
                $"kind {kind} has no version \"{apiVersion}\" here, did you mean \"{known.ApiVersion}\"?");
            return null;
        }

        return (apiVersion, kind);
    }

    private static string? ReadName(MappingNode mapping, string key, string prefix, MessageReader reader)
    {
        switch (mapping.Find(key))
        {
            case ScalarNode { Kind: ScalarKind.String, Text.Length: > 0 } name:
                return name.Text;
            case null or ScalarNode { Kind: ScalarKind.Null } or ScalarNode { Kind: ScalarKind.String }:
                reader.Report(mapping.Line, mapping.Column, prefix + key, "required field is missing");
                return null;
            case { } other:
                reader.Report(other.Line, other.Column, prefix + key, $"expected string, got {other.Describe()}");
                return null;
        }
    }

    private static void ReadItems(
        MappingNode list,
        string path,
        string kind,
        string apiVersion,
        List<ManifestObject> objects,
        List<ManifestProblem> problems,
        string? file,
        int depth)
    {
        string prefix = path.Length == 0 ? "" : path + ".";
        MessageReader reader = new(file, problems);
        if (depth >= MaxListDepth)
        {
            reader.Report(list.Line, list.Column, path, "lists within lists within lists are not read");
            return;
        }

        foreach (MappingEntry entry in list.Entries.Where(entry => entry.Key is not ("apiVersion" or "kind" or "metadata" or "items")))
        {
            reader.Report(entry.Line, entry.Column, prefix + entry.Key, "unknown field");
        }

        DocumentNode? items = list.Find("items");
        if (items is not SequenceNode sequence)
        {
            if (items is not (null or ScalarNode { Kind: ScalarKind.Null }))
            {
                reader.Report(items.Line, items.Column, prefix + "items", $"expected list, got {items.Describe()}");
            }

            return;
        }

        for (int index = 0; index < sequence.Items.Count; index++)
        {
            DocumentNode item = sequence.Items[index];
            if (kind != "List" && item is MappingNode mapping)
            {
                item = WithKind(mapping, kind[..^"List".Length], apiVersion);
            }

            ReadObject(item, string.Create(CultureInfo.InvariantCulture, $"{prefix}items[{index}]"), objects, problems, file, depth + 1);
        }
    }

    /// <summary>Items of a typed list need not repeat what the list has said.</summary>
    private static MappingNode WithKind(MappingNode item, string kind, string apiVersion)
    {
        List<MappingEntry> entries = [.. item.Entries];
        if (item.Find("kind") is null)
        {
            entries.Add(new MappingEntry("kind", ScalarNode.String(kind, item.Line, item.Column), item.Line, item.Column));
        }

        if (item.Find("apiVersion") is null)
        {
            entries.Add(new MappingEntry("apiVersion", ScalarNode.String(apiVersion, item.Line, item.Column), item.Line, item.Column));
        }

        return new MappingNode(entries, item.Line, item.Column);
    }
}
