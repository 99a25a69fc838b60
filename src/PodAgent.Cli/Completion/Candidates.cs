using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.V1;
using PodAgent.Cli.Connection;

namespace PodAgent.Cli.Completion;

/// <summary>What may stand in the place of an unfinished word: commands, flags, their values, and names that the agent knows.</summary>
internal sealed class Candidates(RootCommand root, AgentConnection agent)
{
    // A shell must not hang because an agent does.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly string[] s_kinds = ["pods", "events", "images"];

    /// <summary>The candidates for the last word, those that begin with it, in order.</summary>
    public async Task<IReadOnlyList<string>> ForAsync(IReadOnlyList<string> words, CancellationToken cancel)
    {
        string current = words.Count > 0 ? words[^1] : "";
        string[] before = [.. words.SkipLast(1)];
        if (before.Contains("--", StringComparer.Ordinal))
        {
            // The words of another program.
            return [];
        }

        (Command command, List<string> names, Option? pending) = Follow(before);
        IEnumerable<string> found;
        int equals = current.IndexOf('=', StringComparison.Ordinal);
        if (pending is not null)
        {
            found = await ValuesAsync(pending, names, Namespace(before), cancel);
        }
        else if (current.StartsWith('-') && equals > 0)
        {
            Option? option = Options(command).FirstOrDefault(option => Names(option).Contains(current[..equals]));
            found = option is null ? [] : (await ValuesAsync(option, names, Namespace(before), cancel)).Select(value => current[..(equals + 1)] + value);
        }
        else if (current.StartsWith('-'))
        {
            found = Options(command).SelectMany(Names);
        }
        else if (command.Subcommands.Count > 0)
        {
            found = command.Subcommands.Where(below => !below.Hidden).Select(below => below.Name);
        }
        else
        {
            found = await WordsAsync(command, names, Namespace(before), current, cancel);
        }

        return [.. found.Where(candidate => candidate.StartsWith(current, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The command that the words lead to, its arguments so far, and the option whose value comes next.</summary>
    private (Command Command, List<string> Names, Option? Pending) Follow(IEnumerable<string> words)
    {
        Command command = root;
        var names = new List<string>();
        Option? pending = null;
        foreach (string word in words)
        {
            if (pending is not null)
            {
                pending = null;
            }
            else if (word.StartsWith('-'))
            {
                pending = word.Contains('=', StringComparison.Ordinal)
                    ? null
                    : Options(command).FirstOrDefault(option => Names(option).Contains(word) && option.Arity.MinimumNumberOfValues > 0);
            }
            else if (command.Subcommands.FirstOrDefault(below => below.Name == word || below.Aliases.Contains(word)) is { } below)
            {
                command = below;
            }
            else
            {
                names.Add(word);
            }
        }

        return (command, names, pending);
    }

    private IEnumerable<Option> Options(Command command) => command.Options.Concat(root.Options.Where(option => option.Recursive)).Where(option => !option.Hidden);

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-'));

    private static string Namespace(string[] words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] is "-n" or "--namespace" && i + 1 < words.Length)
            {
                return words[i + 1];
            }

            if (words[i].StartsWith("--namespace=", StringComparison.Ordinal))
            {
                return words[i]["--namespace=".Length..];
            }
        }

        return "default";
    }

    private async Task<IEnumerable<string>> ValuesAsync(Option option, List<string> names, string podNamespace, CancellationToken cancel) => option.Name switch
    {
        "--namespace" => (await PodsAsync("", cancel)).Select(pod => pod.Metadata.Namespace).Append("default"),
        "--container" => (await PodsAsync(podNamespace, cancel)).Where(pod => names.Any(name => name == pod.Metadata.Name || name == "pod/" + pod.Metadata.Name))
            .SelectMany(pod => pod.Spec.InitContainers.Concat(pod.Spec.Containers)).Select(container => container.Name),
        "--for" when names.Count == 0 => ["condition=Ready", "condition=Initialized", "delete", "phase=Succeeded", "phase=Running", .. await PodWordsAsync(podNamespace, cancel)],
        "--image" => await ImagesAsync(cancel),
        "--output" => ["json", "yaml", "name", "wide", "jsonpath=", "custom-columns="],
        _ => option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label),
    };

    private async Task<IEnumerable<string>> WordsAsync(Command command, List<string> names, string podNamespace, string current, CancellationToken cancel)
    {
        Argument? argument = command.Arguments.Count == 0 ? null : command.Arguments[Math.Min(names.Count, command.Arguments.Count - 1)];
        switch (argument?.Name)
        {
            case "RESOURCE" when names.Count == 0 && !current.Contains('/', StringComparison.Ordinal):
                return s_kinds;
            case "RESOURCE" when names.Count > 0 && names[0] is not ("pods" or "pod" or "po"):
                return [];
            case "RESOURCE" or "NAME" when names.Count > 0:
                return (await PodsAsync(podNamespace, cancel)).Select(pod => pod.Metadata.Name);
            case "POD" or "NAME" or "RESOURCE":
                return current.Contains('/', StringComparison.Ordinal)
                    ? await PodWordsAsync(podNamespace, cancel)
                    : (await PodsAsync(podNamespace, cancel)).Select(pod => pod.Metadata.Name).Concat(command.Name is "describe" or "delete" or "wait" && names.Count == 0 ? ["pod"] : []);
            case "CONTAINER":
                return await ValuesAsync(new Option<string>("--container"), names, podNamespace, cancel);
            case "IMAGE":
                return await ImagesAsync(cancel);
            default:
                return argument?.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label) ?? [];
        }
    }

    private async Task<IEnumerable<string>> PodWordsAsync(string podNamespace, CancellationToken cancel) =>
        (await PodsAsync(podNamespace, cancel)).Select(pod => "pod/" + pod.Metadata.Name);

    private async Task<IReadOnlyList<Pod>> PodsAsync(string podNamespace, CancellationToken cancel)
    {
        try
        {
            var request = new ListPodsRequest { Namespace = podNamespace };
            return (await agent.Pods.ListPodsAsync(request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + s_patience, cancellationToken: cancel)).Pods;
        }
        catch (RpcException)
        {
            // No agent, no names; a shell has no place for the reason.
            return [];
        }
    }

    private async Task<IEnumerable<string>> ImagesAsync(CancellationToken cancel)
    {
        try
        {
            return (await agent.Images.ListImagesAsync(new ListImagesRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime + s_patience, cancellationToken: cancel)).Images
                .SelectMany(image => image.RepoTags);
        }
        catch (RpcException)
        {
            return [];
        }
    }
}
