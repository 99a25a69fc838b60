namespace PodAgent.Pods.Tests.Fakes;

/// <summary>Moves the clock until the node's only pod gets there: whoever waits may set its timer a moment after the clock has been moved.</summary>
internal static class Eventually
{
    public static async Task<Core.Pod> AdvanceAsync(Node node, TimeSpan step, Func<Core.Pod, bool> condition)
    {
        string name = node.Engine.Registry.List()[0].Metadata.Name;
        Task<Core.Pod> reached = node.WaitForAsync(name, condition);
        while (!reached.IsCompleted)
        {
            node.Time.Advance(step);
            await Task.WhenAny(reached, Task.Delay(20));
        }

        return await reached;
    }

    /// <summary>For what happens soon and nobody announces.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(condition());
    }
}
