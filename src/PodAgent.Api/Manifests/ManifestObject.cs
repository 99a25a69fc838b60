using Google.Protobuf;

namespace PodAgent.Api.Manifests;

/// <summary>One object of a manifest.</summary>
/// <param name="Kind">For example <c>Pod</c>.</param>
/// <param name="ApiVersion">For example <c>v1</c>.</param>
/// <param name="Message">The object: a <c>PodAgent.Api.Core.Pod</c> and so on.</param>
/// <param name="Line">The line on which it begins.</param>
public sealed record ManifestObject(string Kind, string ApiVersion, IMessage Message, int Line);
