namespace PodAgent.Benchmarks.Streams;

/// <summary>What a stream is opened to.</summary>
/// <param name="Url">As the runtime gave it.</param>
/// <param name="Port">A pod's; 0: a process's standard input, when <paramref name="HasInput"/>, and output.</param>
/// <param name="HasInput">The request was for standard input, too.</param>
internal sealed record StreamTarget(string Url, int Port, bool HasInput);
