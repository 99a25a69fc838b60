namespace PodAgent.Cri.Stores;

/// <summary>Something that a store keeps.</summary>
public interface IRecord
{
    /// <summary>64 hexadecimal digits.</summary>
    string Id { get; }
}
