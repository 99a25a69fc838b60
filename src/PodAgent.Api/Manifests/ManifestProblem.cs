using System.Globalization;

namespace PodAgent.Api.Manifests;

/// <summary>Something wrong with a manifest, and where.</summary>
/// <param name="File">The file's name as it was given to the reader; null when there is none.</param>
/// <param name="Line">Line, from 1; 0 when the problem has no place.</param>
/// <param name="Column">Column in characters, from 1.</param>
/// <param name="Path">Field path such as <c>spec.containers[0].image</c>; empty for the document itself.</param>
/// <param name="Message">What is wrong, and what was probably meant.</param>
public sealed record ManifestProblem(string? File, int Line, int Column, string Path, string Message)
{
    /// <summary>For example <c>pod.yaml:12:7: spec.containers[0].imgae: unknown field, did you mean "image"?</c></summary>
    public override string ToString()
    {
        string place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}") : "";
        string prefix = string.Join(':', new[] { File, place }.Where(part => !string.IsNullOrEmpty(part)));
        return string.Join(": ", new[] { prefix, Path, Message }.Where(part => part.Length > 0));
    }
}
