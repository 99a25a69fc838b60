namespace PodAgent.Linux.Native;

/// <summary>The C name of a field where it differs from the C# one; null: the field has no counterpart and is not checked.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NativeFieldAttribute(string? name) : Attribute
{
    public string? Name { get; } = name;
}
