using System.Text.Json.Nodes;

namespace PodAgent.Cli.JsonPath;

/// <summary>One step of a path: from a value to those that it leads to. A field that is not there leads nowhere, which is no error.</summary>
internal delegate IEnumerable<JsonNode?> JsonPathStep(JsonNode? from);
