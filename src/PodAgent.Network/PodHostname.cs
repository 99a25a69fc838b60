namespace PodAgent.Network;

/// <summary>The host name of a pod.</summary>
public static class PodHostname
{
    /// <summary>Bytes of a host name label at most.</summary>
    public const int MaxLength = 63;

    /// <summary>Cuts a pod's name to a host name, and what a cut leaves at the end of it: <c>-</c> and <c>.</c> end no label.</summary>
    /// <exception cref="ArgumentException">Nothing is left.</exception>
    public static string Truncate(string name)
    {
        if (name.Length <= MaxLength)
        {
            return name;
        }

        string cut = name[..MaxLength].TrimEnd('-', '.');
        return cut.Length > 0 ? cut : throw new ArgumentException($"\"{name}\" leaves no host name", nameof(name));
    }
}
