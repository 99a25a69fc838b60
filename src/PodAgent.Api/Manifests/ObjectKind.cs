using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Coordination;
using PodAgent.Api.Core;
using PodAgent.Api.Meta;

namespace PodAgent.Api.Manifests;

/// <summary>A message type that is an object of its own, with the names that its documents carry.</summary>
internal sealed record ObjectKind(string ApiVersion, string Kind, string TypeName, Func<IMessage> NewMessage)
{
    private static readonly ObjectKind[] s_all =
    [
        new("v1", "ConfigMap", "k8s.io.api.core.v1.ConfigMap", () => new ConfigMap()),
        new("v1", "ConfigMapList", "k8s.io.api.core.v1.ConfigMapList", () => new ConfigMapList()),
        new("v1", "Event", "k8s.io.api.core.v1.Event", () => new Event()),
        new("v1", "EventList", "k8s.io.api.core.v1.EventList", () => new EventList()),
        new("v1", "Namespace", "k8s.io.api.core.v1.Namespace", () => new Namespace()),
        new("v1", "Node", "k8s.io.api.core.v1.Node", () => new Node()),
        new("v1", "NodeList", "k8s.io.api.core.v1.NodeList", () => new NodeList()),
        new("v1", "PersistentVolumeClaim", "k8s.io.api.core.v1.PersistentVolumeClaim", () => new PersistentVolumeClaim()),
        new("v1", "PersistentVolumeClaimList", "k8s.io.api.core.v1.PersistentVolumeClaimList", () => new PersistentVolumeClaimList()),
        new("v1", "Pod", "k8s.io.api.core.v1.Pod", () => new Pod()),
        new("v1", "PodList", "k8s.io.api.core.v1.PodList", () => new PodList()),
        new("v1", "Secret", "k8s.io.api.core.v1.Secret", () => new Secret()),
        new("v1", "SecretList", "k8s.io.api.core.v1.SecretList", () => new SecretList()),
        new("v1", "Service", "k8s.io.api.core.v1.Service", () => new Service()),
        new("v1", "ServiceAccount", "k8s.io.api.core.v1.ServiceAccount", () => new ServiceAccount()),
        new("v1", "ServiceList", "k8s.io.api.core.v1.ServiceList", () => new ServiceList()),
        new("v1", "Status", "k8s.io.apimachinery.pkg.apis.meta.v1.Status", () => new Status()),
        new("coordination.k8s.io/v1", "Lease", "k8s.io.api.coordination.v1.Lease", () => new Lease()),
        new("coordination.k8s.io/v1", "LeaseList", "k8s.io.api.coordination.v1.LeaseList", () => new LeaseList()),
    ];

    private static readonly FrozenDictionary<string, ObjectKind> s_byKind = s_all.ToFrozenDictionary(kind => kind.Kind, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ObjectKind> s_byType =
        s_all.ToFrozenDictionary(kind => kind.TypeName, StringComparer.Ordinal);

    /// <summary>The kinds a manifest may contain, in alphabetical order; typed lists are not named one by one.</summary>
    public static IEnumerable<string> Names => s_all.Select(kind => kind.Kind).Where(name => !name.EndsWith("List", StringComparison.Ordinal) && name != "Status")
        .Append("List").Order(StringComparer.Ordinal);

    public static IEnumerable<string> AllNames => s_byKind.Keys;

    /// <summary>Whether the objects of this kind only hold others.</summary>
    public bool IsList => Kind.EndsWith("List", StringComparison.Ordinal);

    public static ObjectKind? Find(string kind) => s_byKind.GetValueOrDefault(kind);

    public static ObjectKind? Of(MessageDescriptor descriptor) => s_byType.GetValueOrDefault(descriptor.FullName);
}
