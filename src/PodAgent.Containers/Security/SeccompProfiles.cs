using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>
/// The seccomp profiles of containers as compiled programs (struct sock_filter[]). Compiling takes milliseconds, so that results are kept in
/// memory, and in a directory when one is named: many containers have the same profile and capabilities.
/// </summary>
public static class SeccompProfiles
{
    /// <summary>Largest profile file that is read, in bytes.</summary>
    public const int MaxProfileBytes = 1024 * 1024;

    private const int MaxCached = 256;

    private static readonly ConcurrentDictionary<string, byte[]> s_compiled = new();
    private static readonly Lazy<string> s_environment = new(() =>
        $"{SeccompFilter.LibraryVersion} {SeccompMachine.Current.Architecture} {SeccompMachine.Current.Kernel.Major}.{SeccompMachine.Current.Kernel.Minor}");

    /// <summary>A directory, 0700 and the agent's own, that keeps programs over restarts; null: memory only.</summary>
    public static string? CacheDirectory { get; set; }

    /// <summary>The filter of the pause process. Do not change the array: it is shared.</summary>
    /// <exception cref="AgentException">libseccomp is not installed.</exception>
    public static byte[] Pause => Cached("pause", PauseProfile.Profile, CapabilitySet.None);

    /// <summary>The profile RuntimeDefault for a process with the given capabilities. Do not change the array: it is shared.</summary>
    /// <exception cref="AgentException">libseccomp is not installed.</exception>
    public static byte[] RuntimeDefault(CapabilitySet capabilities) => Cached("runtime-default", RuntimeDefaultProfile.Profile, capabilities);

    /// <summary>RuntimeDefault compiled anew, with what the compilation says about itself.</summary>
    /// <exception cref="AgentException">libseccomp is not installed.</exception>
    public static SeccompCompilation CompileRuntimeDefault(CapabilitySet capabilities) => SeccompCompiler.Compile(RuntimeDefaultProfile.Profile, capabilities);

    /// <summary>A profile in JSON, of Docker's or the OCI specification's form. Do not change the array: it is shared.</summary>
    /// <exception cref="AgentException">InvalidArgument: the profile is not valid. FailedPrecondition: libseccomp is not installed.</exception>
    public static byte[] CompileJson(string profileJson, CapabilitySet capabilities) =>
        Cached(profileJson, SeccompJson.Parse(profileJson), capabilities);

    /// <summary>
    /// The profile <c>Localhost</c>. What cannot be read is refused, never replaced by no profile.
    /// </summary>
    /// <param name="reference">An absolute path, as a kubelet passes it, or one relative to <paramref name="directory"/> that stays below it.</param>
    /// <param name="directory">Where relative references start.</param>
    /// <param name="capabilities">The process's capabilities.</param>
    /// <exception cref="AgentException">InvalidArgument, NotFound: names the reference and what is wrong with it.</exception>
    public static byte[] CompileFile(string reference, string directory, CapabilitySet capabilities)
    {
        string name = reference.StartsWith("localhost/", StringComparison.Ordinal) ? reference["localhost/".Length..] : reference;
        if (name.Length == 0 || name.Contains('\0') || name.Split('/').Contains(".."))
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"invalid seccomp profile reference \"{reference}\"");
        }

        string path = name.StartsWith('/') ? name : $"{directory.TrimEnd('/')}/{name}";
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxProfileBytes)
        {
            throw new AgentException(
                file.Exists ? ErrorKind.InvalidArgument : ErrorKind.NotFound,
                $"cannot load seccomp profile \"{path}\": {(file.Exists ? $"it is larger than {MaxProfileBytes} bytes" : "no such file")}");
        }

        try
        {
            return CompileJson(File.ReadAllText(path), capabilities);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot load seccomp profile \"{path}\": {e.Message}", e);
        }
        catch (AgentException e)
        {
            throw new AgentException(e.Kind, $"cannot load seccomp profile \"{path}\": {e.Message}", e);
        }
    }

    /// <summary>Empties the memory, so that the next call looks into the directory.</summary>
    internal static void ForgetCompiled() => s_compiled.Clear();

    private static byte[] Cached(string identity, SeccompProfile profile, CapabilitySet capabilities)
    {
        CapabilitySet relevant = capabilities & profile.RelevantCapabilities;
        string version = typeof(SeccompProfiles).Assembly.GetName().Version?.ToString() ?? "";
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{version}\n{s_environment.Value}\n{relevant.Bits:x}\n{identity}")));
        if (s_compiled.TryGetValue(key, out byte[]? program))
        {
            return program;
        }

        program = ReadStored(key);
        if (program is null)
        {
            program = SeccompCompiler.Compile(profile, relevant).Program;
            Store(key, program);
        }

        // Profiles are few; when somebody makes them up one after the other, memory stays bounded.
        if (s_compiled.Count >= MaxCached)
        {
            s_compiled.Clear();
        }

        s_compiled[key] = program;
        return program;
    }

    // The file is the program behind its SHA-256: a torn or changed one is compiled anew, never loaded.
    private static byte[]? ReadStored(string key)
    {
        if (CacheDirectory is not { } directory)
        {
            return null;
        }

        try
        {
            byte[] content = File.ReadAllBytes(Path.Combine(directory, key + ".bpf"));
            byte[] program = content.Length > SHA256.HashSizeInBytes ? content[SHA256.HashSizeInBytes..] : [];
            return program.Length % 8 == 0 && program.Length > 0 && content.AsSpan(0, SHA256.HashSizeInBytes).SequenceEqual(SHA256.HashData(program)) ? program : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Store(string key, byte[] program)
    {
        if (CacheDirectory is not { } directory)
        {
            return;
        }

        string temporary = Path.Combine(directory, $".{key}.{Guid.NewGuid():n}");
        try
        {
            const uint OwnerOnly = 0x1C0;
            _ = FileTree.TryMakeDirectory(directory, OwnerOnly);
            File.WriteAllBytes(temporary, [.. SHA256.HashData(program), .. program]);
            File.Move(temporary, Path.Combine(directory, key + ".bpf"), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be written only costs time.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}
