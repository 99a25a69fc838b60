using PodAgent.Api.Core;

namespace PodAgent.Cli.Describe;

/// <summary>The volumes of a pod's description.</summary>
internal static class VolumeDescription
{
    private const int Depth = 2;

    public static void Write(IndentedText text, IReadOnlyList<Volume> volumes)
    {
        if (volumes.Count == 0)
        {
            text.Line(0, "Volumes:  <none>");
            return;
        }

        text.Line(0, "Volumes:");
        foreach (Volume volume in volumes)
        {
            text.Line(1, volume.Name + ":");
            Write(text, volume.VolumeSource ?? new VolumeSource());
        }
    }

    private static void Write(IndentedText text, VolumeSource source)
    {
        if (source.HostPath is { } host)
        {
            text.Add(Depth, "Type:", "HostPath (bare host directory volume)");
            text.Add(Depth, "Path:", host.Path);
            text.Add(Depth, "HostPathType:", host.Type);
        }
        else if (source.EmptyDir is { } empty)
        {
            text.Add(Depth, "Type:", "EmptyDir (a temporary directory that shares a pod's lifetime)");
            text.Add(Depth, "Medium:", empty.Medium);
            text.Add(Depth, "SizeLimit:", empty.SizeLimit?.String is { Length: > 0 } limit ? limit : "<unset>");
        }
        else if (source.DownwardAPI is { } downward)
        {
            text.Add(Depth, "Type:", "DownwardAPI (a volume populated by information about the pod)");
            text.Add(Depth, "Items:", "");
            foreach (DownwardAPIVolumeFile file in downward.Items)
            {
                text.Add(Depth + 1, $"{file.FieldRef?.FieldPath ?? file.ResourceFieldRef?.Resource} -> {file.Path}", "");
            }
        }
        else
        {
            text.Add(Depth, "Type:", VolumeSources.Given(source).Select(given => given.Name).FirstOrDefault("<unknown>"));
        }
    }
}
