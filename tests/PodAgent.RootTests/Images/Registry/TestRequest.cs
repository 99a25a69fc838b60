namespace PodAgent.RootTests.Images.Registry;

/// <summary>A request as it arrived.</summary>
internal sealed record TestRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name.ToLowerInvariant());

    public override string ToString() => $"{Method} {Path}{Query}";
}
