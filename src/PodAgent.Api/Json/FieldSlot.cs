using Google.Protobuf.Reflection;
using PodAgent.Api.Schema;

namespace PodAgent.Api.Json;

/// <summary>A field as JSON sees it, with the inlined message around it if there is one.</summary>
internal sealed class FieldSlot(FieldDescriptor field, FieldDescriptor? inlinedIn)
{
    /// <summary>
    /// The name in JSON: the published Kubernetes types keep the protobuf field's own name, which has no underscore; names of the services'
    /// messages (<c>pod_sandbox_id</c>) become <c>podSandboxId</c> as in proto3 JSON.
    /// </summary>
    public string JsonName { get; } = field.Name.Contains('_', StringComparison.Ordinal) ? field.JsonName : field.Name;

    public FieldDescriptor Field { get; } = field;

    public bool IsNullable { get; } = FieldRules.Nullable.Contains($"{field.ContainingType.Name}.{field.Name}");

    public bool IsAlwaysWritten { get; } = FieldRules.Always.Contains($"{field.ContainingType.Name}.{field.Name}");

    /// <summary>The message that owns the field when <paramref name="message"/> is being read or written, null when it is absent.</summary>
    public DynamicMessage? Owner(DynamicMessage message) => inlinedIn is null ? message : (DynamicMessage?)message.Get(inlinedIn);
}
