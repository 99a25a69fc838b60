using System.Globalization;
using System.Text;
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
        WriteIdentity(text, pod, time.GetUtcNow());
        PodStatus status = pod.Status ?? new PodStatus();
        if (pod.Spec.InitContainers.Count > 0)
        {
            text.Line(0, "Init Containers:");
            WriteContainers(text, pod.Spec.InitContainers, status.InitContainerStatuses);
        }

        text.Line(0, "Containers:");
        WriteContainers(text, pod.Spec.Containers, status.ContainerStatuses);
        if (pod.Spec.EphemeralContainers.Count > 0)
        {
            text.Line(0, "Ephemeral Containers:");
            WriteContainers(text, pod.Spec.EphemeralContainers.Select(container => container.ToContainer()), status.EphemeralContainerStatuses);
        }

        WriteReadinessGates(text, pod.Spec, status);
        WriteConditions(text, status);
        VolumeDescription.Write(text, pod.Spec.Volumes);
        WriteScheduling(text, pod.Spec, status);
        WriteEvents(text, events, time.GetUtcNow());
        return text.ToString();
    }

    private static void WriteIdentity(IndentedText text, Pod pod, DateTimeOffset now)
    {
        PodStatus status = pod.Status ?? new PodStatus();
        text.Add(0, "Name:", pod.Metadata.Name);
        text.Add(0, "Namespace:", pod.Metadata.Namespace);
        text.Add(0, "Priority:", pod.Spec.Priority.ToString(CultureInfo.InvariantCulture));
        AddIfGiven(text, "Priority Class Name:", pod.Spec.PriorityClassName);
        AddIfGiven(text, "Runtime Class Name:", pod.Spec.RuntimeClassName);
        AddIfGiven(text, "Service Account:", pod.Spec.ServiceAccountName);
        text.Add(0, "Node:", string.Join('/', new[] { pod.Spec.NodeName, status.HostIP }.Where(part => part.Length > 0)) is { Length: > 0 } node ? node : "<none>");
        text.AddMoment(0, "Start Time:", status.StartTime);
        WriteMap(text, "Labels:", pod.Metadata.Labels);
        WriteMap(text, "Annotations:", pod.Metadata.Annotations);
        WriteStatus(text, pod, status, now);
        AddIfGiven(text, "Reason:", status.Reason);
        AddIfGiven(text, "Message:", status.Message);
        if (pod.Spec.SecurityContext?.SeccompProfile is { } seccomp)
        {
            ContainerDescription.WriteSeccomp(text, 0, seccomp);
        }

        text.Add(0, "IP:", status.PodIP);
        text.Add(0, "IPs:", status.PodIPs.Count == 0 ? "<none>" : "");
        foreach (PodIP address in status.PodIPs)
        {
            text.Add(1, "IP:", address.Ip);
        }

        // Not in kubectl's: the name of the log directory, and what happens when a container ends.
        text.Add(0, "UID:", pod.Metadata.Uid);
        text.Add(0, "Restart Policy:", pod.Spec.RestartPolicy);
    }

    private static void WriteStatus(IndentedText text, Pod pod, PodStatus status, DateTimeOffset now)
    {
        if (pod.Metadata.DeletionTimestamp is not { } deletion || status.Phase is "Succeeded" or "Failed")
        {
            text.Add(0, "Status:", status.Phase);
            return;
        }

        // The moment at which the grace period ends.
        TimeSpan rest = DateTimeOffset.FromUnixTimeSeconds(deletion.Seconds) - now;
        text.Add(0, "Status:", rest > TimeSpan.Zero ? $"Terminating (ends in {Age.Format(rest)})" : $"Terminating (lasts {Age.Format(-rest)})");
        text.Add(0, "Termination Grace Period:", $"{pod.Metadata.DeletionGracePeriodSeconds}s");
    }

    private static void WriteScheduling(IndentedText text, PodSpec spec, PodStatus status)
    {
        text.EndSection();
        text.Add(0, "QoS Class:", status.QosClass);
        WriteMap(text, "Node-Selectors:", spec.NodeSelector);
        string[] tolerations = [.. spec.Tolerations.Select(Describe).Order(StringComparer.Ordinal)];
        WriteLines(text, "Tolerations:", tolerations);
    }

    private static string Describe(Toleration toleration)
    {
        var words = new StringBuilder(toleration.Key);
        if (toleration.Value.Length > 0)
        {
            words.Append('=').Append(toleration.Value);
        }

        if (toleration.Effect.Length > 0)
        {
            words.Append(':').Append(toleration.Effect);
        }

        if (toleration.Operator == "Exists" && toleration.Value.Length == 0)
        {
            words.Append(words.Length > 0 ? " " : "").Append("op=Exists");
        }

        if (toleration.HasTolerationSeconds)
        {
            words.Append(CultureInfo.InvariantCulture, $" for {toleration.TolerationSeconds}s");
        }

        return words.ToString();
    }

    private static void WriteReadinessGates(IndentedText text, PodSpec spec, PodStatus status)
    {
        if (spec.ReadinessGates.Count == 0)
        {
            return;
        }

        text.Line(0, "Readiness Gates:");
        text.Add(1, "Type", "Status");
        foreach (PodReadinessGate gate in spec.ReadinessGates)
        {
            text.Add(1, gate.ConditionType, status.Conditions.FirstOrDefault(condition => condition.Type == gate.ConditionType)?.Status ?? "<none>");
        }
    }

    private static void AddIfGiven(IndentedText text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Add(0, name, value);
        }
    }

    private static void WriteMap(IndentedText text, string name, IEnumerable<KeyValuePair<string, string>> map)
    {
        WriteLines(text, name, [.. map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}")]);
    }

    private static void WriteLines(IndentedText text, string name, string[] lines)
    {
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
