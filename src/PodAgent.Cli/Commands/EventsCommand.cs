using System.CommandLine;
using Grpc.Core;
using PodAgent.Api.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl events</c>.</summary>
internal static class EventsCommand
{
    private static readonly Option<string?> s_for = new("--for") { Description = "only events about one pod, as in pod/web" };

    public static Command Create()
    {
        var command = new Command("events", "List what happened to pods") { s_for, GetCommand.Output, GetCommand.Watch, GetCommand.NoHeaders, SharedOptions.Namespace, SharedOptions.AllNamespaces };
        CommandContext.Bind(command, (context, cancel) => ShowAsync(
            context, context.Arguments.GetValue(s_for), context.Arguments.GetValue(GetCommand.Watch), ObjectFormat.Parse(context.Arguments.GetValue(GetCommand.Output)), cancel));
        return command;
    }

    public static async Task<int> ShowAsync(CommandContext context, string? pod, bool watch, ObjectFormat format, CancellationToken cancel)
    {
        if (watch && !format.IsTable)
        {
            throw new CliException($"error: -o {format.Name} is not offered together with --watch for events");
        }

        var request = new ListEventsRequest { Namespace = context.ListNamespace, Pod = pod is null ? "" : ObjectName.Pod(pod) };
        bool withNamespace = request.Namespace.Length == 0;
        if (!watch)
        {
            ListEventsResponse response = await context.Agent.Pods.ListEventsAsync(request, cancellationToken: cancel);
            if (!format.IsTable)
            {
                Event[] events = [.. response.Events.OrderBy(e => e.LastTimestamp?.Seconds ?? 0)];
                format.Write(new EventList { Metadata = new Api.Meta.ListMeta { ResourceVersion = "" }, Items = { events } }, events, "event", !context.Arguments.GetValue(GetCommand.NoHeaders));
            }
            else if (response.Events.Count == 0)
            {
                Console.Error.WriteLine(withNamespace ? "No events found." : $"No events found in {request.Namespace} namespace.");
            }
            else
            {
                Table(response.Events.OrderBy(e => e.LastTimestamp?.Seconds ?? 0), withNamespace).Write(Screen.Console, !context.Arguments.GetValue(GetCommand.NoHeaders));
            }

            return 0;
        }

        using var call = context.Agent.Pods.WatchEvents(request, cancellationToken: cancel);
        TextTable? table = null;
        await foreach (ListEventsResponse part in call.ResponseStream.ReadAllAsync(cancel))
        {
            bool first = table is null;
            table ??= Table([], withNamespace);
            Fill(table, part.Events, withNamespace);
            table.Write(Screen.Console, withHeadings: first && !context.Arguments.GetValue(GetCommand.NoHeaders));
            table.Clear();
        }

        return 0;
    }

    /// <summary>Events as kubectl prints them.</summary>
    public static TextTable Table(IEnumerable<Event> events, bool withNamespace)
    {
        string[] headings = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
        var table = new TextTable(withNamespace ? ["NAMESPACE", .. headings] : headings);
        Fill(table, events, withNamespace);
        return table;
    }

    private static void Fill(TextTable table, IEnumerable<Event> events, bool withNamespace)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach (Event item in events)
        {
            Cell[] cells =
            [
                Seen(item, now),
                new Cell(item.Type, item.Type == "Warning" ? "yellow" : null),
                item.Reason,
                $"{item.InvolvedObject?.Kind}/{item.InvolvedObject?.Name}",
                item.Message.Trim(),
            ];
            table.Add(withNamespace ? [item.Metadata?.Namespace ?? "", .. cells] : cells);
        }
    }

    /// <summary>When an event was seen last, and how often since when.</summary>
    public static string Seen(Event item, DateTimeOffset now)
    {
        string last = Age.Since(item.LastTimestamp, now);
        return item.Count > 1 ? $"{last} (x{item.Count} over {Age.Since(item.FirstTimestamp, now)})" : last;
    }
}
