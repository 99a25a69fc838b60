using System.Net;
using System.Text;
using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Transport;

/// <summary>What a refusal means (distribution specification, "Error Codes").</summary>
internal static class RegistryError
{
    private const int MaxBody = 64 * 1024;
    private const int MaxText = 400;

    /// <summary>Reads an answer that is none of those hoped for.</summary>
    public static async Task<RegistryException> ReadAsync(HttpResponseMessage response, string who, CancellationToken ct)
    {
        string detail = "";
        try
        {
            byte[] body = await BoundedBody.ReadAsync(response, MaxBody, "the answer", ct).ConfigureAwait(false);
            detail = Describe(body);
        }
        catch (RegistryException)
        {
            // The status says enough.
        }

        string text = $"{who} answers {(int)response.StatusCode} {response.ReasonPhrase}{(detail.Length > 0 ? ": " : "")}{detail}";
        return new RegistryException(Kind(response.StatusCode), text) { Status = response.StatusCode };
    }

    /// <summary>The codes and messages of an error document; empty when it is something else.</summary>
    public static string Describe(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("errors", out JsonElement errors)
                || errors.ValueKind != JsonValueKind.Array)
            {
                return "";
            }

            return Printable(string.Join("; ", errors.EnumerateArray().Take(5).Select(error => $"{Text(error, "code")} {Text(error, "message")}".Trim())));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>Text from a registry reaches terminals and logs.</summary>
    public static string Printable(string text)
    {
        var printable = new StringBuilder();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxText)))
        {
            printable.Append(char.IsControl(c) ? ' ' : c);
        }

        return printable.ToString();
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static ErrorKind Kind(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => ErrorKind.NotFound,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ErrorKind.PermissionDenied,
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => ErrorKind.Unavailable,
        HttpStatusCode.MethodNotAllowed => ErrorKind.Unimplemented,
        _ => ErrorKind.FailedPrecondition,
    };
}
