using Grpc.Core;
using PodAgent.Api.Manifests;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;

namespace PodAgent.Cli.Doctor;

/// <summary>The agent of this machine: what it says about itself or, when none runs, what its configuration file says.</summary>
internal sealed record AgentFacts
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>What is in force, or would be.</summary>
    public required AgentConfiguration Configuration { get; init; }

    /// <summary>The file behind it; null: none.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Every mistake in the file.</summary>
    public IReadOnlyList<string> Mistakes { get; init; } = [];

    /// <summary>Path of the socket that was tried.</summary>
    public required string Socket { get; init; }

    /// <summary>Why nobody answers; null: an agent runs.</summary>
    public string? Silence { get; init; }

    /// <summary>Its process ID; 0: none runs.</summary>
    public int Pid { get; init; }

    /// <summary>Its version; empty: none runs.</summary>
    public string Version { get; init; } = "";

    public static async Task<AgentFacts> FindAsync(AgentConnection connection, string? file, CancellationToken cancel)
    {
        try
        {
            GetConfigurationResponse agent = await connection.Agent.GetConfigurationAsync(
                new GetConfigurationRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime + s_patience, cancellationToken: cancel);
            return new AgentFacts
            {
                Configuration = agent.Configuration,
                ConfigurationFile = agent.ConfigurationFile.Length > 0 ? agent.ConfigurationFile : null,
                Mistakes = agent.ConfigurationFile.Length > 0 ? Read(agent.ConfigurationFile).Mistakes : [],
                Socket = connection.SocketPath,
                Pid = agent.Pid,
                Version = agent.Version,
            };
        }
        catch (RpcException failure) when (!cancel.IsCancellationRequested)
        {
            string? path = file ?? (File.Exists(AgentDefaults.ConfigurationFile) ? AgentDefaults.ConfigurationFile : null);
            (AgentConfiguration configuration, IReadOnlyList<string> mistakes) = path is null ? (new AgentConfiguration(), []) : Read(path);
            AgentDefaults.Complete(configuration);
            return new AgentFacts
            {
                Configuration = configuration,
                ConfigurationFile = path,
                Mistakes = mistakes,
                Socket = connection.SocketPath,
                Silence = failure.Status.Detail,
            };
        }
    }

    private static (AgentConfiguration Configuration, IReadOnlyList<string> Mistakes) Read(string path)
    {
        try
        {
            (AgentConfiguration configuration, IReadOnlyList<ManifestProblem> problems) = SettingsReader.Read<AgentConfiguration>(File.ReadAllBytes(path), path);
            return (configuration, [.. problems.Select(problem => problem.ToString())]);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return (new AgentConfiguration(), [cause.Message]);
        }
    }
}
