using System.CommandLine;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl get pods|events|images</c>, with the words and flags of kubectl.</summary>
internal static class GetCommand
{
    private static readonly Argument<string[]> s_words = new("RESOURCE")
    {
        Description = "pods, events or images, followed by names; or names with their kind, as in pod/web",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Option<string?> Output { get; } = new("--output", "-o") { Description = "wide, json, yaml or name" };

    public static Option<bool> NoHeaders { get; } = new("--no-headers") { Description = "only rows" };

    public static Option<bool> Watch { get; } = new("--watch", "-w") { Description = "after listing, show each change" };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("wide", "json", "yaml", "name");
        var command = new Command("get", "List pods, events or images")
        {
            s_words, Output, Watch, NoHeaders, SharedOptions.Namespace, SharedOptions.AllNamespaces, SharedOptions.Selector,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] words = context.Arguments.GetValue(s_words)!;
        string kind = words[0].ToLowerInvariant();
        if (kind is "events" or "event" or "ev" or "images" or "image")
        {
            RefusePodOptions(context, kind, words.Length > 1);
        }

        return kind switch
        {
            "events" or "event" or "ev" => EventsCommand.ShowAsync(context, pod: null, context.Arguments.GetValue(Watch), cancel),
            "images" or "image" => ImagesCommand.ShowAsync(context, cancel),
            _ => new PodListing(context, ObjectName.Pods(words), context.Arguments.GetValue(Output)).ShowAsync(context.Arguments.GetValue(Watch), cancel),
        };
    }

    /// <summary>What is only offered for pods is refused elsewhere: a script must not take a table for JSON, or the whole list for a part.</summary>
    private static void RefusePodOptions(CommandContext context, string kind, bool named)
    {
        string? refused = named ? "a name"
            : context.Arguments.GetValue(Output) is "json" or "yaml" or "name" ? "-o " + context.Arguments.GetValue(Output)
            : context.Arguments.GetValue(SharedOptions.Selector) is not null ? "-l"
            : null;
        if (refused is not null)
        {
            throw new CliException($"error: {refused} is only for pods, not for {kind}");
        }
    }
}
