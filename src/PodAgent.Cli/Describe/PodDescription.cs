using System.Globalization;
using PodAgent.Api.Core;
using PodAgent.Cli.Commands;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Describe;

/// <summary>The text of <c>podctl describe pod</c>, in the order of kubectl's.</summary>
internal static class PodDescription
{
    public static string Write(Pod pod, IReadOnlyList<Event> events, TimeProvider time)
    {
        var text = new IndentedText(time.LocalTimeZone);
        WriteIdentity(text, pod);
        PodStatus status = pod.Status ?? new PodStatus();
        if (pod.Spec.InitContainers.Count > 0)
        {
            text.Line(0, "Init Containers:");
            WriteContainers(text, pod.Spec.InitContainers, status.InitContainerStatuses);
        }

        text.Line(0, "Containers:");
        WriteContainers(text, pod.Spec.Containers, status.ContainerStatuses);
        WriteConditions(text, status);
        WriteVolumes(text, pod);
        WriteEvents(text, events, time.GetUtcNow());
        return text.ToString();
    }

    private static void WriteIdentity(IndentedText text, Pod pod)
    {
        PodStatus status = pod.Status ?? new PodStatus();
        text.Add(0, "Name:", pod.Metadata.Name);
        text.Add(0, "Namespace:", pod.Metadata.Namespace);
        text.Add(0, "Priority:", pod.Spec.Priority.ToString(CultureInfo.InvariantCulture));
        text.Add(0, "Node:", string.Join('/', new[] { pod.Spec.NodeName, status.HostIP }.Where(part => part.Length > 0)) is { Length: > 0 } node ? node : "<none>");
        text.AddMoment(0, "Start Time:", status.StartTime);
        WriteMap(text, "Labels:", pod.Metadata.Labels);
        WriteMap(text, "Annotations:", pod.Metadata.Annotations);
        PodSummary summary = PodSummary.Of(pod);
        text.Add(0, "Status:", pod.Metadata.DeletionTimestamp is null ? status.Phase : $"{summary.Status} (phase {status.Phase})");
        if (status.Reason.Length > 0)
        {
            text.Add(0, "Reason:", status.Reason);
        }

        if (status.Message.Length > 0)
        {
            text.Add(0, "Message:", status.Message);
        }

        text.Add(0, "IP:", status.PodIP);
        string[] addresses = [.. status.PodIPs.Select(address => address.Ip)];
        text.Add(0, "IPs:", addresses.Length == 0 ? "<none>" : string.Join(", ", addresses));
        text.Add(0, "UID:", pod.Metadata.Uid);
        text.Add(0, "QoS Class:", status.QosClass);
        text.Add(0, "Restart Policy:", pod.Spec.RestartPolicy);
    }

    private static void WriteMap(IndentedText text, string name, IEnumerable<KeyValuePair<string, string>> map)
    {
        string[] lines = [.. map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}")];
        text.Add(0, name, lines.Length == 0 ? "<none>" : lines[0]);
        foreach (string line in lines.Skip(1))
        {
            text.Continue(0, line);
        }
    }

    private static void WriteContainers(IndentedText text, IEnumerable<Container> containers, IEnumerable<ContainerStatus> statuses)
    {
        foreach (Container container in containers)
        {
            text.Line(1, container.Name + ":");
            ContainerDescription.Write(text, container, statuses.FirstOrDefault(status => status.Name == container.Name));
        }
    }

    private static void WriteConditions(IndentedText text, PodStatus status)
    {
        if (status.Conditions.Count == 0)
        {
            return;
        }

        text.Line(0, "Conditions:");
        text.Add(1, "Type", "Status");
        foreach (PodCondition condition in status.Conditions)
        {
            string why = condition.Status == "True" || condition.Reason.Length == 0 ? "" : $"   {condition.Reason}: {condition.Message}".TrimEnd(' ', ':');
            text.Add(1, condition.Type, condition.Status + why);
        }
    }

    private static void WriteVolumes(IndentedText text, Pod pod)
    {
        if (pod.Spec.Volumes.Count == 0)
        {
            text.Line(0, "Volumes:  <none>");
            return;
        }

        text.Line(0, "Volumes:");
        foreach (Volume volume in pod.Spec.Volumes)
        {
            text.Line(1, volume.Name + ":");
            VolumeSource source = volume.VolumeSource ?? new VolumeSource();
            if (source.HostPath is { } host)
            {
                text.Add(2, "Type:", "HostPath (bare host directory volume)");
                text.Add(2, "Path:", host.Path);
                text.Add(2, "HostPathType:", host.Type);
            }
            else if (source.EmptyDir is { } empty)
            {
                text.Add(2, "Type:", "EmptyDir (a temporary directory that shares a pod's lifetime)");
                text.Add(2, "Medium:", empty.Medium);
                text.Add(2, "SizeLimit:", empty.SizeLimit?.String is { Length: > 0 } limit ? limit : "<unset>");
            }
            else
            {
                string kind = VolumeSources.Given(source).Select(given => given.Name).FirstOrDefault("<unknown>");
                text.Add(2, "Type:", kind);
            }
        }
    }

    private static void WriteEvents(IndentedText text, IReadOnlyList<Event> events, DateTimeOffset now)
    {
        if (events.Count == 0)
        {
            text.Line(0, "Events:  <none>");
            return;
        }

        text.Line(0, "Events:");
        string[][] rows =
        [
            ["Type", "Reason", "Age", "From", "Message"],
            ["----", "------", "----", "----", "-------"],
            .. events.OrderBy(item => item.LastTimestamp?.Seconds ?? 0)
                .Select(item => new[] { item.Type, item.Reason, EventsCommand.Seen(item, now), item.Source?.Component ?? "", item.Message.Trim() }),
        ];
        int[] widths = [.. Enumerable.Range(0, 5).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.Line(1, string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
