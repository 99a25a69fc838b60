using System.Globalization;

namespace PodAgent.Linux.Systemd;

/// <summary>
/// A property of a unit, by its name in org.freedesktop.systemd1(5), which partly differs from the name of the setting in a unit file:
/// <c>CPUQuotaPerSecUSec</c> is <c>CPUQuota=</c>.
/// </summary>
public sealed class UnitProperty
{
    /// <summary>The number that means "no limit".</summary>
    public const ulong Infinity = ulong.MaxValue;

    private readonly object _value;

    private UnitProperty(string name, object value) => (Name, _value) = (name, value);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>A text (D-Bus type s).</summary>
    public static UnitProperty Text(string name, string value) => new(name, value);

    /// <summary>A switch (b).</summary>
    public static UnitProperty Switch(string name, bool value) => new(name, value);

    /// <summary>A number (t).</summary>
    public static UnitProperty Number(string name, ulong value) => new(name, value);

    /// <summary>Numbers of 32 bits (au).</summary>
    public static UnitProperty Numbers(string name, params uint[] values) => new(name, values);

    /// <summary>Bytes (ay).</summary>
    public static UnitProperty Bytes(string name, byte[] values) => new(name, values);

    /// <summary>As in a unit file; for messages.</summary>
    public override string ToString() => Name + "=" + _value switch
    {
        bool on => on ? "yes" : "no",
        Infinity => "infinity",
        ulong number => number.ToString(CultureInfo.InvariantCulture),
        uint[] numbers => string.Join(' ', numbers),
        byte[] bytes => Convert.ToHexString(bytes),
        _ => _value.ToString(),
    };

    internal void AppendTo(BusMessage message)
    {
        message.Begin('r', "sv").Append(Name);
        _ = _value switch
        {
            string text => message.Begin('v', "s").Append(text),
            bool on => message.Begin('v', "b").Append(on),
            ulong number => message.Begin('v', "t").Append(number),
            uint[] numbers => message.Begin('v', "au").Append(numbers),
            _ => message.Begin('v', "ay").Append((byte[])_value),
        };
        message.End().End();
    }
}
