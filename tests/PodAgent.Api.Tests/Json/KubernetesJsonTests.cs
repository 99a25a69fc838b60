using Google.Protobuf;
using PodAgent.Api.Coordination;
using PodAgent.Api.Core;
using PodAgent.Api.Json;
using PodAgent.Api.Manifests;
using PodAgent.Api.Meta;
using PodAgent.Api.Runtime;

namespace PodAgent.Api.Tests.Json;

public class KubernetesJsonTests
{
    [Fact]
    public void Write_PodStatus_FollowsThePublishedTypes()
    {
        Pod pod = new()
        {
            Metadata = new ObjectMeta { Name = "a", CreationTimestamp = new Time(), Generation = 0, DeletionGracePeriodSeconds = 0 },
            Spec = new PodSpec { HostNetwork = false, NodeName = "", EnableServiceLinks = false },
            Status = new PodStatus
            {
                Phase = "Running",
                StartTime = Time.From(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_900)),
                ContainerStatuses =
                {
                    new ContainerStatus
                    {
                        Name = "main",
                        Started = false,
                        State = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 0, StartedAt = new Time() } },
                    },
                },
            },
        };

        // Absent or zero: dropped, except where the published types keep it (ready, restartCount, exitCode) or tell it apart (started, enableServiceLinks).
        Assert.Equal(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"deletionGracePeriodSeconds":0,"name":"a"},"spec":{"enableServiceLinks":false},"status":{"containerStatuses":["""
            + """{"image":"","imageID":"","name":"main","ready":false,"restartCount":0,"started":false,"state":{"terminated":{"exitCode":0}}}],"phase":"Running","startTime":"2023-11-14T22:13:20Z"}}""",
            KubernetesJson.Write(pod));
    }

    [Fact]
    public void Write_IndentedNumbersInAList_HaveALineEach()
    {
        PodSecurityContext context = new() { SupplementalGroups = { 0, 7 } };

        Assert.Equal("""
            {
                "supplementalGroups": [
                    0,
                    7
                ]
            }
            """, KubernetesJson.Write(context, indented: true));
    }

    [Fact]
    public void Write_Indented_LooksLikeKubectl()
    {
        ConfigMap map = new() { Metadata = new ObjectMeta { Name = "a" }, Data = { ["k"] = "<é>" }, BinaryData = { ["b"] = ByteString.CopyFromUtf8("hi") } };

        Assert.Equal("""
            {
                "apiVersion": "v1",
                "binaryData": {
                    "b": "aGk="
                },
                "data": {
                    "k": "<é>"
                },
                "kind": "ConfigMap",
                "metadata": {
                    "name": "a"
                }
            }
            """, KubernetesJson.Write(map, indented: true));
    }

    [Fact]
    public void Write_PodList_GivesEveryItemItsKind() =>
        Assert.Equal(
            """{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}],"kind":"PodList"}""",
            KubernetesJson.Write(new PodList { Items = { new Pod { Metadata = new ObjectMeta { Name = "a" } } } }));

    [Fact]
    public void Write_PartOfAnObject_HasNoKind() =>
        Assert.Equal("""{"name":"a","resources":{"limits":{"cpu":"500m"}}}""", KubernetesJson.Write(new Container
        {
            Name = "a",
            Resources = new ResourceRequirements { Limits = { ["cpu"] = PodAgent.Api.Resource.Quantity.Parse("0.5") } },
        }));

    [Fact]
    public void Write_InlinedMessages_AreFlat()
    {
        PodSpec spec = new()
        {
            Volumes = { new Volume { Name = "v", VolumeSource = new VolumeSource { ConfigMap = new ConfigMapVolumeSource { LocalObjectReference = new LocalObjectReference { Name = "c" } } } } },
            EphemeralContainers = { new EphemeralContainer { TargetContainerName = "t", EphemeralContainerCommon = new EphemeralContainerCommon { Name = "e" } } },
        };

        Assert.Equal(
            """{"ephemeralContainers":[{"name":"e","targetContainerName":"t"}],"volumes":[{"configMap":{"name":"c"},"name":"v"}]}""",
            KubernetesJson.Write(spec));
    }

    [Fact]
    public void Parse_EveryNotation_IsUnderstood()
    {
        Lease lease = KubernetesJson.Parse<Lease>("""
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
             "metadata": {"creationTimestamp": "2026-01-02T03:04:05+01:00", "deletionTimestamp": null,
                          "managedFields": [{"fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:x": {}}}}]},
             "spec": {"renewTime": "2026-01-02T03:04:05.000001Z", "acquireTime": "2026-01-02T03:04:05.123456789Z", "leaseDurationSeconds": 40}}
            """);

        Assert.Equal("2026-01-02T02:04:05Z", lease.Metadata.CreationTimestamp.ToRfc3339());
        Assert.Null(lease.Metadata.DeletionTimestamp);
        Assert.Equal("""{"f:metadata":{"f:x":{}}}""", lease.Metadata.ManagedFields[0].FieldsV1.Raw.ToStringUtf8());
        Assert.Equal("2026-01-02T03:04:05.000001Z", lease.Spec.RenewTime.ToRfc3339());
        Assert.Equal("2026-01-02T03:04:05.123456Z", lease.Spec.AcquireTime.ToRfc3339());
        Assert.Equal(40, lease.Spec.LeaseDurationSeconds);
    }

    [Fact]
    public void Parse_WatchEvent_KeepsTheObjectRaw()
    {
        WatchEvent item = KubernetesJson.Parse<WatchEvent>("""{"type": "ADDED", "object": {"kind": "Pod", "x": [1, 2.50, true, null, "a"]}}""");

        Assert.Equal("""{"kind":"Pod","x":[1,2.5,true,null,"a"]}""", item.Object.Raw.ToStringUtf8());
        Assert.Equal("""{"object":{"kind":"Pod","x":[1,2.5,true,null,"a"]},"type":"ADDED"}""", KubernetesJson.Write(item));
    }

    [Fact]
    public void Write_RawExtensionThatIsNoJson_KeepsItsBytes() =>
        Assert.Equal("\"azhzAA==\"", KubernetesJson.Write(new RawExtension { Raw = ByteString.CopyFrom("k8s\0"u8) }));

    [Fact]
    public void Parse_UnknownFields_CanBeIgnored()
    {
        const string Json = """{"metadata": {"name": "a", "shape": {"deep": 1}}, "extra": 1}""";

        Assert.Equal("a", KubernetesJson.Parse<Pod>(Json, ignoreUnknownFields: true).Metadata.Name);
        Assert.Equal(2, Assert.Throws<ManifestException>(() => KubernetesJson.Parse<Pod>(Json)).Problems.Count);
    }

    [Theory]
    [InlineData("", "1:1: expected object, got nothing")]
    [InlineData("[]", "1:1: expected object, got list")]
    [InlineData("{} {}", "1:4: more than one JSON value")]
    [InlineData("{\"spec\": {\"terminationGracePeriodSeconds\": 9223372036854775808}}", "1:44: spec.terminationGracePeriodSeconds: number 9223372036854775808 is out of range, must be between -9223372036854775808 and 9223372036854775807")]
    [InlineData("{\"spec\": {\"priority\": 1.5}}", "1:23: spec.priority: expected integer, got number 1.5")]
    [InlineData("{\"spec\": ", "1:10: invalid JSON: unexpected end of the document")]
    [InlineData("{\"metadata\": {\"name\": \"\\ud800\"}}", "1:23: invalid JSON: string is not valid UTF-8")]
    public void Parse_Broken_SaysWhere(string json, string expected) =>
        Assert.Equal(expected, Assert.Throws<ManifestException>(() => KubernetesJson.Parse<Pod>(json)).Message);

    [Fact]
    public void Parse_InlinedMessages_AlwaysExist()
    {
        Pod pod = KubernetesJson.Parse<Pod>("""{"spec": {"volumes": [{"name": "v"}], "containers": [{"livenessProbe": {}}]}}""");

        Assert.NotNull(pod.Spec.Volumes[0].VolumeSource);
        Assert.NotNull(pod.Spec.Containers[0].LivenessProbe.Handler);
    }

    [Fact]
    public void Write_AServicesMessage_HasEveryFieldUnderItsJsonName()
    {
        var container = new PodAgent.Api.Cri.Container
        {
            PodSandboxId = "s1",
            State = PodAgent.Api.Cri.ContainerState.ContainerExited,
            Metadata = new PodAgent.Api.Cri.ContainerMetadata { Name = "web", Attempt = 2 },
        };

        Assert.Equal(
            """{"createdAt":0,"id":"","imageId":"","imageRef":"","metadata":{"attempt":2,"name":"web"},"podSandboxId":"s1","state":"CONTAINER_EXITED"}""",
            KubernetesJson.Write(container));
    }
}
