namespace PodAgent.Cli.JsonPath;

/// <summary>A template or expression that cannot be read.</summary>
internal sealed class JsonPathException(string message) : Exception(message);
