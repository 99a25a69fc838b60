using System.CommandLine;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl get pods|events|images</c>, with the words and flags of kubectl.</summary>
internal static class GetCommand
{
    private static readonly Argument<string[]> s_words = new("RESOURCE")
    {
        Description = "pods, events or images, followed by names; or names with their kind, as in pod/web",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Option<string?> Output { get; } = new("--output", "-o") { Description = "wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADING:PATH,..." };

    public static Option<bool> NoHeaders { get; } = new("--no-headers") { Description = "only rows" };

    public static Option<bool> Watch { get; } = new("--watch", "-w") { Description = "after listing, show each change" };

    public static Option<bool> ShowLabels { get; } = new("--show-labels") { Description = "with a column of labels" };

    public static Option<string?> SortBy { get; } = new("--sort-by") { Description = "order by the value of a path, as in .metadata.creationTimestamp" };

    public static Command Create()
    {
        var command = new Command("get", "List pods, events or images")
        {
            s_words, Output, Watch, NoHeaders, ShowLabels, SortBy, SharedOptions.Namespace, SharedOptions.AllNamespaces, SharedOptions.Selector,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] words = context.Arguments.GetValue(s_words)!;
        string kind = words[0].ToLowerInvariant();
        var format = ObjectFormat.Parse(context.Arguments.GetValue(Output));
        if (kind is "events" or "event" or "ev" or "images" or "image")
        {
            RefusePodOptions(context, kind, words.Length > 1, format);
        }

        return kind switch
        {
            "events" or "event" or "ev" => EventsCommand.ShowAsync(context, pod: null, context.Arguments.GetValue(Watch), format, cancel),
            "images" or "image" => ImagesCommand.ShowAsync(context, format.IsTable ? null : format.Name, cancel),
            _ => new PodListing(context, ObjectName.Pods(words), format).ShowAsync(context.Arguments.GetValue(Watch), cancel),
        };
    }

    /// <summary>What is only offered for pods is refused elsewhere: a script must not take a table for JSON, or the whole list for a part.</summary>
    private static void RefusePodOptions(CommandContext context, string kind, bool named, ObjectFormat format)
    {
        bool images = kind.StartsWith("im", StringComparison.Ordinal);
        bool printable = format.IsTable || (images ? format.Name is "json" or "yaml" : !context.Arguments.GetValue(Watch));
        string? refused = named ? "a name"
            : !printable ? "-o " + format.Name
            : images && context.Arguments.GetValue(Watch) ? "-w"
            : context.Arguments.GetValue(SortBy) is not null ? "--sort-by"
            : context.Arguments.GetValue(SharedOptions.Selector) is not null ? "-l"
            : null;
        if (refused is not null)
        {
            throw new CliException($"error: {refused} is only for pods, not for {kind}");
        }
    }
}
