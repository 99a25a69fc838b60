using System.Text;
using PodAgent.Images.Snapshots;

namespace PodAgent.Images.Tests.Snapshots;

public sealed class ChainIdTests
{
    [Fact]
    public void Of_Layers_FollowsTheSpecification()
    {
        string a = Sha256Digest.Of("a"u8);
        string b = Sha256Digest.Of("b"u8);
        string c = Sha256Digest.Of("c"u8);
        string ab = Sha256Digest.Of(Encoding.ASCII.GetBytes($"{a} {b}"));

        Assert.Equal([a, ab, Sha256Digest.Of(Encoding.ASCII.GetBytes($"{ab} {c}"))], ChainId.Of([a, b, c]));
        Assert.Empty(ChainId.Of([]));
    }
}
