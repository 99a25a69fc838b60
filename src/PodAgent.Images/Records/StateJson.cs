using System.Text.Json.Serialization;

namespace PodAgent.Images.Records;

/// <summary>Serialisers of this project's own records, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredImage))]
[JsonSerializable(typeof(StoredSnapshot))]
[JsonSerializable(typeof(StoredRootfs))]
internal sealed partial class StateJson : JsonSerializerContext;
