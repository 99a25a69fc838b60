using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Coordination;
using PodAgent.Api.Core;
using PodAgent.Api.Meta;

namespace PodAgent.Api.Manifests;

/// <summary>A message type that is an object of its own, with the names that its documents carry.</summary>
internal sealed record ObjectKind(string ApiVersion, string Kind, MessageDescriptor Descriptor)
{
    private static readonly ObjectKind[] s_all =
    [
        new("v1", "ConfigMap", ConfigMap.Descriptor),
        new("v1", "ConfigMapList", ConfigMapList.Descriptor),
        new("v1", "Event", Event.Descriptor),
        new("v1", "EventList", EventList.Descriptor),
        new("v1", "Namespace", Namespace.Descriptor),
        new("v1", "Node", Node.Descriptor),
        new("v1", "NodeList", NodeList.Descriptor),
        new("v1", "PersistentVolumeClaim", PersistentVolumeClaim.Descriptor),
        new("v1", "PersistentVolumeClaimList", PersistentVolumeClaimList.Descriptor),
        new("v1", "Pod", Pod.Descriptor),
        new("v1", "PodList", PodList.Descriptor),
        new("v1", "Secret", Secret.Descriptor),
        new("v1", "SecretList", SecretList.Descriptor),
        new("v1", "Service", Service.Descriptor),
        new("v1", "ServiceAccount", ServiceAccount.Descriptor),
        new("v1", "ServiceList", ServiceList.Descriptor),
        new("v1", "Status", Status.Descriptor),
        new("coordination.k8s.io/v1", "Lease", Lease.Descriptor),
        new("coordination.k8s.io/v1", "LeaseList", LeaseList.Descriptor),
    ];

    private static readonly FrozenDictionary<string, ObjectKind> s_byKind = s_all.ToFrozenDictionary(kind => kind.Kind, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ObjectKind> s_byType =
        s_all.ToFrozenDictionary(kind => kind.Descriptor.FullName, StringComparer.Ordinal);

    /// <summary>The kinds a manifest may contain, in alphabetical order; typed lists are not named one by one.</summary>
    public static IEnumerable<string> Names => s_all.Select(kind => kind.Kind).Where(name => !name.EndsWith("List", StringComparison.Ordinal) && name != "Status")
        .Append("List").Order(StringComparer.Ordinal);

    public static IEnumerable<string> AllNames => s_byKind.Keys;

    /// <summary>Whether the objects of this kind only hold others.</summary>
    public bool IsList => Kind.EndsWith("List", StringComparison.Ordinal);

    public static ObjectKind? Find(string kind) => s_byKind.GetValueOrDefault(kind);

    public static ObjectKind? Of(MessageDescriptor descriptor) => s_byType.GetValueOrDefault(descriptor.FullName);

    public IMessage NewMessage() => Descriptor.Parser.ParseFrom(ByteString.Empty);
}
