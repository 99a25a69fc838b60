using PodAgent.Api.V1;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Tests.Output;

public class TransferDisplayTests
{
    [Theory]
    [InlineData(LayerProgress.Types.State.Waiting, 0, "0123456789ab: Waiting")]
    [InlineData(LayerProgress.Types.State.Transferring, 0, "0123456789ab: Pulling [>                             ] 0% 0B/2MB")]
    [InlineData(LayerProgress.Types.State.Transferring, 1_000_000, "0123456789ab: Pulling [===============>              ] 50% 1MB/2MB")]
    [InlineData(LayerProgress.Types.State.Transferring, 2_000_000, "0123456789ab: Pulling [==============================] 100% 2MB/2MB")]
    [InlineData(LayerProgress.Types.State.Unpacking, 2_000_000, "0123456789ab: Unpacking 2MB")]
    [InlineData(LayerProgress.Types.State.Done, 2_000_000, "0123456789ab: Pulled 2MB")]
    [InlineData(LayerProgress.Types.State.Present, 2_000_000, "0123456789ab: Already exists")]
    public void Describe_Layer_SaysHowFarItIs(LayerProgress.Types.State state, long transferred, string expected) => Assert.Equal(
        expected,
        TransferDisplay.Describe(
            new LayerProgress { Digest = "sha256:0123456789abcdef", Size = 2_000_000, Transferred = transferred, State = state }, "Pulling", "Pulled"));
}
