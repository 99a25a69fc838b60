using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PodAgent.Api.V1;
using PodAgent.Cli.Output;
using Spectre.Console;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl image inspect</c> and <c>history</c>.</summary>
internal static class ImageInspection
{
    private const int MaxCommand = 60;

    /// <summary>The action of <c>inspect</c>: a JSON list in docker's shape.</summary>
    public static Func<CommandContext, CancellationToken, Task<int>> InspectAsync(Argument<string[]> images) => async (context, cancel) =>
    {
        int status = 0;
        var found = new List<InspectImageResponse>();
        foreach (string image in context.Arguments.GetValue(images)!)
        {
            try
            {
                found.Add(await context.Agent.ImageTransfer.InspectImageAsync(new InspectImageRequest { Reference = image }, cancellationToken: cancel));
            }
            catch (Grpc.Core.RpcException failure) when (failure.StatusCode == Grpc.Core.StatusCode.NotFound)
            {
                Console.Error.WriteLine(Connection.FailureText.Describe(failure));
                status = 1;
            }
        }

        Console.Out.WriteLine(Json(found));
        return status;
    };

    /// <summary>The action of <c>history</c>: the steps of the build, the last one first.</summary>
    public static Func<CommandContext, CancellationToken, Task<int>> HistoryAsync(Argument<string> image, Option<bool> noTrunc) => async (context, cancel) =>
    {
        InspectImageResponse found = await context.Agent.ImageTransfer.InspectImageAsync(
            new InspectImageRequest { Reference = context.Arguments.GetValue(image) }, cancellationToken: cancel);
        History(found, context.Arguments.GetValue(noTrunc), TimeProvider.System.GetUtcNow()).Write(Screen.Console);
        return 0;
    };

    /// <summary>The list as text.</summary>
    internal static string Json(IReadOnlyList<InspectImageResponse> images)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (InspectImageResponse image in images)
            {
                Write(writer, image);
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The history as a table.</summary>
    internal static TextTable History(InspectImageResponse image, bool whole, DateTimeOffset now)
    {
        using JsonDocument config = JsonDocument.Parse(image.Config.Memory);
        using JsonDocument manifest = JsonDocument.Parse(image.Manifest.Memory);
        long[] sizes = manifest.RootElement.TryGetProperty("layers", out JsonElement layers)
            ? [.. layers.EnumerateArray().Select(layer => layer.GetProperty("size").GetInt64())]
            : [];
        var rows = new List<string[]>();
        int next = 0;
        if (config.RootElement.TryGetProperty("history", out JsonElement history) && history.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement step in history.EnumerateArray())
            {
                bool empty = step.TryGetProperty("empty_layer", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
                long size = empty || next >= sizes.Length ? 0 : sizes[next++];
                rows.Add([Created(step, now), Command(Text(step, "created_by"), whole), ImagesCommand.Size((ulong)size), Text(step, "comment")]);
            }
        }

        // Layers that no step tells about.
        for (; next < sizes.Length; next++)
        {
            rows.Add(["<unknown>", "", ImagesCommand.Size((ulong)sizes[next]), ""]);
        }

        var table = new TextTable("CREATED", "CREATED BY", "SIZE", "COMMENT");
        foreach (string[] row in Enumerable.Reverse(rows))
        {
            table.Add([.. row.Select(cell => new Cell(cell))]);
        }

        return table;
    }

    private static void Write(Utf8JsonWriter writer, InspectImageResponse image)
    {
        using JsonDocument config = JsonDocument.Parse(image.Config.Memory);
        JsonElement root = config.RootElement;
        writer.WriteStartObject();
        writer.WriteString("Id"u8, image.Id);
        Write(writer, "RepoTags", image.Tags);
        Write(writer, "RepoDigests", image.Digests);
        foreach ((string from, string to) in ((string, string)[])[("created", "Created"), ("author", "Author"), ("architecture", "Architecture"), ("variant", "Variant"), ("os", "Os")])
        {
            if (root.TryGetProperty(from, out JsonElement value))
            {
                writer.WritePropertyName(to);
                value.WriteTo(writer);
            }
        }

        writer.WriteNumber("Size"u8, image.Size);
        writer.WriteString("ManifestDigest"u8, image.ManifestDigest);
        writer.WriteBoolean("Pinned"u8, image.Pinned);
        if (root.TryGetProperty("config", out JsonElement settings))
        {
            writer.WritePropertyName("Config"u8);
            settings.WriteTo(writer);
        }

        if (root.TryGetProperty("rootfs", out JsonElement rootfs) && rootfs.TryGetProperty("diff_ids", out JsonElement layers))
        {
            writer.WriteStartObject("RootFS"u8);
            writer.WriteString("Type"u8, "layers"u8);
            writer.WritePropertyName("Layers"u8);
            layers.WriteTo(writer);
            writer.WriteEndObject();
        }

        if (root.TryGetProperty("history", out JsonElement history))
        {
            writer.WritePropertyName("History"u8);
            history.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? Printable(value.GetString()!) : "";

    // An image's author writes this, and a terminal reads it.
    private static string Printable(string text) => string.Create(text.Length, text, (buffer, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            buffer[i] = char.IsControl(from[i]) ? ' ' : from[i];
        }
    });

    private static string Command(string command, bool whole) => whole || command.Length <= MaxCommand ? command : command[..(MaxCommand - 3)] + "...";

    private static string Created(JsonElement step, DateTimeOffset now) =>
        DateTimeOffset.TryParse(Text(step, "created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset created)
            ? Age.Format(now - created) + " ago"
            : "<unknown>";
}
