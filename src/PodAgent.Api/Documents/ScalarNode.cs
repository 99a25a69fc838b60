using System.Globalization;
using System.Numerics;

namespace PodAgent.Api.Documents;

/// <summary>A null, boolean, number or string.</summary>
internal sealed class ScalarNode : DocumentNode
{
    private const int ShownLength = 60;

    private ScalarNode(ScalarKind kind, string text, int line, int column)
        : base(line, column)
    {
        Kind = kind;
        Text = text;
    }

    public ScalarKind Kind { get; }

    /// <summary>A string's content; everything else as it was written.</summary>
    public string Text { get; }

    /// <summary>The value of an integer, of any size.</summary>
    public BigInteger Integer { get; private init; }

    /// <summary>The value of a boolean.</summary>
    public bool Boolean { get; private init; }

    public override int Size => 1;

    public override int Depth => 1;

    public static ScalarNode Null(string text = "null", int line = 0, int column = 0) => new(ScalarKind.Null, text, line, column);

    public static ScalarNode String(string text, int line = 0, int column = 0) => new(ScalarKind.String, text, line, column);

    public static ScalarNode OfBoolean(bool value, string? text = null, int line = 0, int column = 0) =>
        new(ScalarKind.Boolean, text ?? (value ? "true" : "false"), line, column) { Boolean = value };

    public static ScalarNode OfInteger(BigInteger value, string? text = null, int line = 0, int column = 0) =>
        new(ScalarKind.Integer, text ?? value.ToString(CultureInfo.InvariantCulture), line, column) { Integer = value };

    public static ScalarNode Float(string text, int line = 0, int column = 0) => new(ScalarKind.Float, text, line, column);

    public override string Describe() => Kind switch
    {
        ScalarKind.Null => "null",
        ScalarKind.Boolean => $"boolean {Text}",
        ScalarKind.Integer or ScalarKind.Float => $"number {Text}",
        _ => $"string \"{Shorten(Text)}\"",
    };

    private static string Shorten(string text) => text.Length <= ShownLength ? text : string.Concat(text.AsSpan(0, ShownLength), "...");
}
