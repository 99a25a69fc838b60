using PodAgent.Linux.Mounting;

namespace PodAgent.Containers.Launch;

/// <summary>fstab words sorted into what the kernel's calls take: attributes of the mount, propagation, and parameters of the file system.</summary>
internal sealed class MountOptions
{
    public MountAttributes Set { get; private set; }

    public MountAttributes Clear { get; private set; }

    /// <summary>Attributes for the whole tree (<c>rro</c> and relatives).</summary>
    public MountAttributes SetRecursively { get; private set; }

    /// <summary>A bind mount brings the mounts below its source along.</summary>
    public bool Recursive { get; private set; }

    /// <summary>Owners of files as the pod's user namespace sees them.</summary>
    public bool IdMapped { get; private set; }

    /// <summary>None: not said.</summary>
    public MountFlags Propagation { get; private set; }

    /// <summary>The words <c>rw</c> was among.</summary>
    public bool Writable { get; private set; }

    /// <summary>Parameters of the file system; a null value means a flag.</summary>
    public List<KeyValuePair<string, string?>> Data { get; } = [];

    public static MountOptions Parse(IEnumerable<string> words)
    {
        var options = new MountOptions();
        foreach (string word in words)
        {
            options.Add(word);
        }

        return options;
    }

    /// <summary>The flags of a propagation word; none when it is not one.</summary>
    public static MountFlags ParsePropagation(string word) => word switch
    {
        "private" or "rprivate" => MountFlags.Private,
        "slave" or "rslave" => MountFlags.Slave,
        "shared" or "rshared" => MountFlags.Shared,
        _ => MountFlags.None,
    };

    private void Add(string word)
    {
        switch (word)
        {
            case "" or "defaults" or "async" or "relatime" or "bind":
                break;
            case "rbind":
                Recursive = true;
                break;
            case "idmap" or "ridmap":
                IdMapped = true;
                break;
            case "rw":
                Writable = true;
                break;
            case "ro":
                Set |= MountAttributes.ReadOnly;
                break;
            case "rro":
                SetRecursively |= MountAttributes.ReadOnly;
                break;
            case "nosuid":
                Set |= MountAttributes.NoSuid;
                break;
            case "rnosuid":
                SetRecursively |= MountAttributes.NoSuid;
                break;
            case "suid":
                Clear |= MountAttributes.NoSuid;
                break;
            case "nodev":
                Set |= MountAttributes.NoDevices;
                break;
            case "rnodev":
                SetRecursively |= MountAttributes.NoDevices;
                break;
            case "dev":
                Clear |= MountAttributes.NoDevices;
                break;
            case "noexec":
                Set |= MountAttributes.NoExec;
                break;
            case "rnoexec":
                SetRecursively |= MountAttributes.NoExec;
                break;
            case "exec":
                Clear |= MountAttributes.NoExec;
                break;
            case "noatime":
                Set |= MountAttributes.NoAccessTime;
                Clear |= MountAttributes.AccessTimeMask;
                break;
            case "strictatime":
                Set |= MountAttributes.StrictAccessTime;
                Clear |= MountAttributes.AccessTimeMask;
                break;
            case "nodiratime":
                Set |= MountAttributes.NoDirectoryAccessTime;
                break;
            case "nosymfollow":
                Set |= MountAttributes.NoSymlinks;
                break;
            default:
                if (ParsePropagation(word) is var propagation and not MountFlags.None)
                {
                    Propagation = propagation;
                    break;
                }

                int equals = word.IndexOf('=', StringComparison.Ordinal);
                Data.Add(equals < 0 ? new(word, null) : new(word[..equals], word[(equals + 1)..]));
                break;
        }
    }
}
