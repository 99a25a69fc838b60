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

    public static Option<bool> Watch { get; } = new("--watch", "-w") { Description = "after listing, show each change" };

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("wide", "json", "yaml", "name");
        var command = new Command("get", "List pods, events or images")
        {
            s_words, Output, Watch, SharedOptions.Namespace, SharedOptions.AllNamespaces, SharedOptions.Selector,
        };
        CommandContext.Bind(command, RunAsync);
        return command;
    }

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        string[] words = context.Arguments.GetValue(s_words)!;
        return words[0].ToLowerInvariant() switch
        {
            "events" or "event" or "ev" => EventsCommand.ShowAsync(context, pod: null, context.Arguments.GetValue(Watch), cancel),
            "images" or "image" => ImagesCommand.ShowAsync(context, cancel),
            _ => new PodListing(context, ObjectName.Pods(words), context.Arguments.GetValue(Output)).ShowAsync(context.Arguments.GetValue(Watch), cancel),
        };
    }
}
