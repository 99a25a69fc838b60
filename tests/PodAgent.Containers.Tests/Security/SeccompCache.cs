namespace PodAgent.Containers.Tests.Security;

/// <summary>The tests that use the process-wide cache of compiled filters run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SeccompCache
{
    public const string Name = "seccomp cache";
}
