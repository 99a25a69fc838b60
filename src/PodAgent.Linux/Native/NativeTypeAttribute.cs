namespace PodAgent.Linux.Native;

/// <summary>
/// Names the C type that a struct mirrors, so that the ABI test can compare size and field offsets with the C compiler's. Field names
/// of the struct are the C field names; a field without a C counterpart of its own carries <see cref="NativeFieldAttribute"/>.
/// </summary>
/// <param name="type">As written in C: <c>struct clone_args</c>.</param>
/// <param name="headers">Headers to include, in order, without brackets: <c>linux/sched.h</c>.</param>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class NativeTypeAttribute(string type, params string[] headers) : Attribute
{
    public string Type { get; } = type;

    public string[] Headers { get; } = headers;

    /// <summary>Whether the sizes are equal too; false for a leading part, or for one member of a union.</summary>
    public bool Whole { get; set; } = true;
}
