using Google.Protobuf;
using PodAgent.Api.Cri;
using PodAgent.Api.Json;

namespace PodAgent.Api.Tests.Json;

public sealed class FieldNameJsonTests
{
    [Fact]
    public void Write_Message_HasFieldNamesNumbersForEnumerationsAndNothingThatIsEmpty()
    {
        var config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = "main" },
            Args = { "a", "" },
            Labels = { ["b"] = "2", ["a"] = "" },
            LogPath = "main.log",
            Stdin = true,
            Mounts = { new Mount { ContainerPath = "/c", Propagation = MountPropagation.PropagationBidirectional } },
            Envs = { new KeyValue { Key = "k", Value = ByteString.CopyFrom(0, 255) } },
            Linux = new LinuxContainerConfig { SecurityContext = new LinuxContainerSecurityContext { RunAsUser = new Int64Value() } },
        };

        Assert.Equal(
            """{"metadata":{"name":"main"},"args":["a",""],"envs":[{"key":"k","value":"AP8="}],"mounts":[{"container_path":"/c","propagation":2}],"labels":"""
            + """{"a":"","b":"2"},"log_path":"main.log","stdin":true,"linux":{"security_context":{"run_as_user":{}}}}""",
            FieldNameJson.Write(config));
    }

    [Fact]
    public void Write_LargeNumbers_AreExact() => Assert.Equal(
        """{"value":18446744073709551615}""", FieldNameJson.Write(new UInt64Value { Value = ulong.MaxValue }));
}
