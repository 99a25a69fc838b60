using System.Text.Json.Nodes;

namespace PodAgent.Cli.JsonPath;

/// <summary>What stands in brackets: <c>[0]</c>, <c>[-1:]</c>, <c>[0,2]</c>, <c>[*]</c>, <c>['app.kubernetes.io/name']</c>, <c>[?(@.ready==true)]</c>.</summary>
internal static class JsonPathBracket
{
    /// <summary>Reads it, from behind the opening bracket up to and with the closing one.</summary>
    /// <exception cref="JsonPathException">It is none of these.</exception>
    public static JsonPathStep Parse(JsonPathText text)
    {
        if (text.TryTake("?("))
        {
            JsonPathFilter filter = JsonPathFilter.Parse(text);
            text.Take(")");
            text.Take("]");
            return node => JsonPathExpression.Children(node).Where(filter.Holds);
        }

        var parts = new List<JsonPathStep>();
        do
        {
            text.SkipSpace();
            parts.Add(Part(text));
            text.SkipSpace();
        }
        while (text.TryTake(","));
        text.Take("]");
        return node => parts.SelectMany(part => part(node));
    }

    private static JsonPathStep Part(JsonPathText text)
    {
        if (text.TryTake("*"))
        {
            return JsonPathExpression.Children;
        }

        if (text.Next is '\'' or '"')
        {
            return JsonPathExpression.Named(text.TakeQuoted());
        }

        int? start = text.TakeNumber();
        if (!text.TryTake(":"))
        {
            return start is { } index ? node => Item(node, index) : throw text.Unexpected("expected a number, a name in quotes, * or ?(");
        }

        int? end = text.TakeNumber();
        int step = text.TryTake(":") ? text.TakeNumber() ?? 1 : 1;
        return step > 0 ? node => Slice(node, start, end, step) : throw text.Unexpected("a step must be above 0");
    }

    private static IEnumerable<JsonNode?> Item(JsonNode? node, int index) =>
        node is JsonArray list && (index < 0 ? index + list.Count : index) is var at && at >= 0 && at < list.Count ? [list[at]] : [];

    private static IEnumerable<JsonNode?> Slice(JsonNode? node, int? start, int? end, int step)
    {
        if (node is not JsonArray list)
        {
            yield break;
        }

        int from = Bound(start ?? 0, list.Count);
        int to = Bound(end ?? list.Count, list.Count);
        for (int i = from; i < to; i += step)
        {
            yield return list[i];
        }
    }

    private static int Bound(int index, int count) => Math.Clamp(index < 0 ? index + count : index, 0, count);
}
