using Grpc.Core;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Connection;

/// <summary>Failed calls in the words that kubectl users know.</summary>
internal static class FailureText
{
    /// <summary>The text for standard error, several lines when the agent names several problems.</summary>
    public static string Describe(RpcException failure, string? subject = null)
    {
        string detail = TerminalText.Visible(failure.Status.Detail);
        switch (failure.StatusCode)
        {
            case StatusCode.Unavailable when detail.Contains("permission denied", StringComparison.OrdinalIgnoreCase):
                return $"error: {detail}; only root may use the agent's socket, run podctl with sudo";
            case StatusCode.Unavailable:
                // Only who cannot connect may wonder whether there is anybody.
                return detail.StartsWith("cannot connect", StringComparison.Ordinal) ? $"error: {detail}; is podagent running?" : $"error: {detail}";
            case StatusCode.InvalidArgument when detail.Contains('\n', StringComparison.Ordinal) || subject is not null:
                string[] problems = detail.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                return problems.Length == 1
                    ? $"The {subject ?? "request"} is invalid: {problems[0]}"
                    : $"The {subject ?? "request"} is invalid:\n{string.Join('\n', problems.Select(problem => "* " + problem))}";
            default:
                return $"Error from podagent ({failure.StatusCode}): {detail}";
        }
    }
}
