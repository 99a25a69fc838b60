namespace PodAgent.Api.Documents;

/// <summary>What a scalar of a document stands for once its notation has been resolved.</summary>
internal enum ScalarKind
{
    Null,
    Boolean,
    Integer,
    Float,
    String,
}
