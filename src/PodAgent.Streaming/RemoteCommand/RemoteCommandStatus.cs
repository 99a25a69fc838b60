using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PodAgent.Streaming.RemoteCommand;

/// <summary>How a command, or the attempt to run it, ended: the last thing on the error stream.</summary>
public sealed class RemoteCommandStatus
{
    private readonly string _reason;
    private readonly string _message;
    private readonly int? _exitCode;

    private RemoteCommandStatus(string reason, string message, int? exitCode) => (_reason, _message, _exitCode) = (reason, message, exitCode);

    /// <summary>It ended with 0, or the session ended in peace.</summary>
    public static RemoteCommandStatus Success { get; } = new("", "", null);

    /// <summary>Whether this is <see cref="Success"/>.</summary>
    public bool IsSuccess => _reason.Length == 0;

    /// <summary>It ran, and ended with this code.</summary>
    public static RemoteCommandStatus Exited(int exitCode) => exitCode == 0
        ? Success
        : new("NonZeroExitCode", $"command terminated with non-zero exit code: exit code {exitCode}", exitCode);

    /// <summary>It could not run, or something broke on the way.</summary>
    public static RemoteCommandStatus Failed(string message) => new("InternalError", $"Internal error occurred: {message}", null);

    /// <summary>As metav1.Status in JSON, for protocol versions 4 and 5. Clients find the exit code in the causes.</summary>
    public byte[] ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteEndObject();
            json.WriteString("status", IsSuccess ? "Success" : "Failure");
            if (!IsSuccess)
            {
                json.WriteString("message", _message);
                json.WriteString("reason", _reason);
                WriteCause(json);
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>As the versions before 4 say it: nothing for success, else a sentence.</summary>
    public byte[] ToText() => Encoding.UTF8.GetBytes(_message);

    private void WriteCause(Utf8JsonWriter json)
    {
        json.WriteStartObject("details");
        json.WriteStartArray("causes");
        json.WriteStartObject();
        if (_exitCode is { } code)
        {
            json.WriteString("reason", "ExitCode");
            json.WriteString("message", code.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            json.WriteString("message", _message);
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        if (_exitCode is null)
        {
            json.WriteNumber("code", 500);
        }
    }
}
