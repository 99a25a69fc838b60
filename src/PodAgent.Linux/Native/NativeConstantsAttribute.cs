namespace PodAgent.Linux.Native;

/// <summary>
/// Marks a static class whose constants carry the names and values of C macros or enumerators of the given headers; the ABI test
/// compares each of them with the C compiler's value. A constant that the installed headers do not know yet is named in
/// <see cref="NewerThanHeaders"/>.
/// </summary>
/// <param name="headers">Headers to include, in order, without brackets.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NativeConstantsAttribute(params string[] headers) : Attribute
{
    public string[] Headers { get; } = headers;

    /// <summary>Names in this class that Debian 12's headers lack.</summary>
    public string[] NewerThanHeaders { get; set; } = [];
}
