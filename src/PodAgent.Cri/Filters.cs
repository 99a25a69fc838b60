using Google.Protobuf.Collections;
using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;

namespace PodAgent.Cri;

/// <summary>CRI's list filters: every given condition must hold, an absent one always does.</summary>
internal static class Filters
{
    public static IEnumerable<SandboxRecord> Select(SandboxStore store, PodSandboxFilter? filter)
    {
        IEnumerable<SandboxRecord> records = Candidates(store, filter?.Id ?? "");
        return filter is null
            ? records
            : records.Where(record =>
                (filter.State is null || filter.State.State == record.State)
                && HasLabels(record.Config.Labels, filter.LabelSelector));
    }

    public static IEnumerable<ContainerRecord> Select(ContainerStore store, SandboxStore sandboxes, ContainerFilter? filter)
    {
        IEnumerable<ContainerRecord> records = Candidates(store, filter?.Id ?? "");
        if (filter is null)
        {
            return records;
        }

        string? sandboxId = filter.PodSandboxId.Length == 0 ? null : sandboxes.Find(filter.PodSandboxId)?.Record.Id ?? filter.PodSandboxId;
        return records.Where(record =>
            (sandboxId is null || record.SandboxId == sandboxId)
            && (filter.State is null || filter.State.State == record.State)
            && HasLabels(record.Config.Labels, filter.LabelSelector));
    }

    public static bool HasLabels(MapField<string, string> labels, MapField<string, string> selector) =>
        selector.All(wanted => labels.TryGetValue(wanted.Key, out string? value) && value == wanted.Value);

    private static IEnumerable<TRecord> Candidates<TRecord, TEntry>(RecordStore<TRecord, TEntry> store, string id)
        where TRecord : class, IRecord
        where TEntry : StoreEntry<TRecord>
    {
        if (id.Length == 0)
        {
            return store.Entries.Select(entry => entry.Record);
        }

        return store.Find(id) is { } entry ? [entry.Record] : [];
    }
}
