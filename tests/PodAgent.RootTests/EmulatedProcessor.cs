namespace PodAgent.RootTests;

/// <summary>
/// Whether the lane in virtual machines runs the tests on a processor that software imitates, some twenty times slower than the real one. Then what
/// takes minutes and needs repetition, not that kernel, is repeated less often.
/// </summary>
internal static class EmulatedProcessor
{
    /// <summary>Set by <c>hack/vm/guest/tests</c>.</summary>
    public static bool IsPresent { get; } = Environment.GetEnvironmentVariable("PODAGENT_TESTS_EMULATED") is not null;
}
