namespace PodAgent.Api.Documents;

/// <summary>One key of an object with the place where the key stood.</summary>
internal readonly record struct MappingEntry(string Key, DocumentNode Value, int Line = 0, int Column = 0);
