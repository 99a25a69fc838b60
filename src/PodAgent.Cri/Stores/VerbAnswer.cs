namespace PodAgent.Cri.Stores;

/// <summary>What a state says to a verb.</summary>
public enum VerbAnswer
{
    /// <summary>There is something to do.</summary>
    Proceed,

    /// <summary>Already so: success without doing anything.</summary>
    Fulfilled,

    /// <summary>Not in this state.</summary>
    Refuse,
}
