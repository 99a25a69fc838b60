using PodAgent.Api.Cri;

namespace PodAgent.Cri.Tests;

public sealed class CriRuntimeTests
{
    [Fact]
    public void AnsweredFromMemory_Names_AreCallsOfCri()
    {
        IEnumerable<string> calls = new[] { RuntimeService.Descriptor, ImageService.Descriptor }
            .SelectMany(service => service.Methods)
            .Select(method => $"/{method.Service.FullName}/{method.Name}");

        Assert.Subset(calls.ToHashSet(), CriRuntime.AnsweredFromMemory.ToHashSet());
    }
}
