using PodAgent.Api.Manifests;
using PodAgent.Api.V1;
using PodAgent.Linux;

namespace PodAgent.Configuration;

/// <summary>The configuration file.</summary>
internal static class AgentConfigurationFile
{
    /// <summary>Reads it.</summary>
    /// <exception cref="AgentException">Every mistake with its line and column, one per line.</exception>
    public static AgentConfiguration Read(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.NotFound, $"cannot read the configuration file \"{path}\": {cause.Message}", cause);
        }

        (AgentConfiguration configuration, IReadOnlyList<ManifestProblem> problems) = SettingsReader.Read<AgentConfiguration>(content, path);
        return problems.Count == 0
            ? configuration
            : throw new AgentException(ErrorKind.InvalidArgument, string.Join("\nerror: ", problems));
    }
}
