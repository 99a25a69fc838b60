namespace PodAgent.Cri.Stores;

/// <summary>Hears of every change of a store, in order per record, after it was written down.</summary>
public interface IRecordObserver<in TRecord>
{
    /// <summary>Something changed; null: was not, or is no more.</summary>
    void Changed(TRecord? before, TRecord? after);
}
