using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Authentication;

/// <summary>
/// A program that keeps secrets for docker and podman, <c>docker-credential-NAME</c>: it reads the server's address from its input and writes
/// user name and secret as JSON. It is run when a registry wants to know who asks, not before.
/// </summary>
/// <param name="name">What stands in the credential file, without the prefix.</param>
/// <param name="server">The registry under the name that docker has for it.</param>
/// <param name="file">The credential file that names it.</param>
/// <param name="searchPath">Directories with programs, separated by colons.</param>
internal sealed class CredentialProgram(string name, string server, string file, string searchPath)
{
    private const string Prefix = "docker-credential-";
    private const int MaxOutput = 64 << 10;
    private const int MaxComplaint = 300;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    // What every helper says, by the protocol, when it knows nothing of a server.
    private const string NotFound = "credentials not found in native keychain";

    private string What => $"credential helper \"{Prefix}{name}\" for {server}, named in credential file \"{file}\"";

    /// <summary>Whether it can be a program's name: it is looked for on the search path and nowhere else.</summary>
    public static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Asks it.</summary>
    /// <returns>Null: it knows nothing of the server.</returns>
    /// <exception cref="RegistryException">FailedPrecondition: it is not there, fails, or answers something else.</exception>
    public async Task<RegistryCredential?> GetAsync(CancellationToken ct)
    {
        string program = Find() ?? throw Failure($"is not in any of {searchPath}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_limit);
        var start = new ProcessStartInfo(program, ["get"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start) ?? throw Failure("does not start");
            try
            {
                return await ConverseAsync(process, limit.Token).ConfigureAwait(false);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
        catch (Win32Exception cause)
        {
            throw Failure($"does not start: {cause.Message}", cause);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Failure($"has not answered within {s_limit.TotalSeconds} s");
        }
    }

    private async Task<RegistryCredential?> ConverseAsync(Process process, CancellationToken ct)
    {
        Task<byte[]> output = ReadAsync(process.StandardOutput.BaseStream, ct);
        Task<byte[]> complaint = ReadAsync(process.StandardError.BaseStream, ct);
        try
        {
            await process.StandardInput.WriteAsync($"{server}\n".AsMemory(), ct).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not wait for its input; its answer says what it thinks of that.
        }

        byte[] answer = await output.ConfigureAwait(false);
        byte[] said = answer.Length > MaxOutput ? throw Failure($"writes more than {MaxOutput} bytes") : await complaint.ConfigureAwait(false);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            // Helpers complain on their standard output; it holds no secret then.
            string why = Line(answer) is { Length: > 0 } line ? line : Line(said);
            return why == NotFound ? null : throw Failure($"ended with {process.ExitCode}{(why.Length > 0 ? $": {why}" : "")}");
        }

        return Credential(answer);
    }

    private RegistryCredential? Credential(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonFields.Parse(answer, "its answer");
            string username = JsonFields.Text(document.RootElement, "Username", "its answer");
            string secret = JsonFields.Text(document.RootElement, "Secret", "its answer");
            return secret.Length == 0 ? null
                : username == "<token>" ? new RegistryCredential { IdentityToken = secret }
                : new RegistryCredential { Username = username, Password = secret };
        }
        catch (ContentException cause)
        {
            throw Failure(cause.Message, cause);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken ct)
    {
        // One byte more than is allowed tells too much from just enough.
        byte[] buffer = new byte[MaxOutput + 1];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        return buffer[..length];
    }

    private static string Line(byte[] text)
    {
        string line = Encoding.UTF8.GetString(text).Trim();
        int end = line.IndexOfAny(['\r', '\n']);
        line = end < 0 ? line : line[..end];
        return line.Length > MaxComplaint ? line[..MaxComplaint] : line;
    }

    private string? Find() => searchPath
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathRooted)
        .Select(directory => Path.Combine(directory, Prefix + name))
        .FirstOrDefault(File.Exists);

    private RegistryException Failure(string why, Exception? cause = null) => new(ErrorKind.FailedPrecondition, $"{What}: {why}", cause);
}
