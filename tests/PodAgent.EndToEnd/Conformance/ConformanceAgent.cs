using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>One agent for all conformance cases; each case makes and removes pods of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ConformanceAgent : ICollectionFixture<AgentFixture>
{
    public const string Name = "CRI conformance";
}
