using System.Globalization;
using System.Text;
using PodAgent.Api.V1;
using PodAgent.Cli.Commands;
using PodAgent.Linux.Terminals;

namespace PodAgent.Cli.Output;

/// <summary>
/// How far a pull or push is. On a terminal one line per layer that changes in place; in a pipe one line for each layer as it is done.
/// </summary>
internal abstract class TransferDisplay
{
    private const int ShortDigest = 12;

    /// <summary>The display for where output goes.</summary>
    public static TransferDisplay Create(bool quiet, string doing, string done) =>
        quiet ? new Silent() : Screen.IsTerminal ? new Live(Console.Out, doing, done, () => RawTerminal.Size(1)?.Rows ?? 24) : new Lines(Console.Out, doing, done);

    public virtual void Begin(string image)
    {
    }

    public virtual void Show(IReadOnlyList<LayerProgress> layers)
    {
    }

    public virtual void End()
    {
    }

    /// <summary>One layer in words.</summary>
    internal static string Describe(LayerProgress layer, string doing, string done)
    {
        string digest = layer.Digest[(layer.Digest.IndexOf(':', StringComparison.Ordinal) + 1)..];
        string id = digest.Length > ShortDigest ? digest[..ShortDigest] : digest;
        string size = ImagesCommand.Size((ulong)layer.Size);
        return layer.State switch
        {
            LayerProgress.Types.State.Waiting => $"{id}: Waiting",
            LayerProgress.Types.State.Transferring => $"{id}: {doing} {Bar(layer)} {ImagesCommand.Size((ulong)layer.Transferred)}/{size}",
            LayerProgress.Types.State.Unpacking => $"{id}: Unpacking {size}",
            LayerProgress.Types.State.Done => $"{id}: {done} {size}",
            _ => $"{id}: Already exists",
        };
    }

    private static bool IsDone(LayerProgress layer) => layer.State is LayerProgress.Types.State.Done or LayerProgress.Types.State.Present;

    private static string Bar(LayerProgress layer)
    {
        const int width = 30;
        double part = layer.Size > 0 ? Math.Clamp((double)layer.Transferred / layer.Size, 0, 1) : 1;
        int filled = (int)(part * width);
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('=', filled)}{(filled < width ? ">" : "")}{new string(' ', Math.Max(0, width - filled - 1))}] {part * 100:0}%");
    }

    private sealed class Silent : TransferDisplay;

    private sealed class Lines(TextWriter output, string doing, string done) : TransferDisplay
    {
        private readonly HashSet<string> _told = [];

        public override void Begin(string image) => output.WriteLine($"{doing} {image}");

        public override void Show(IReadOnlyList<LayerProgress> layers)
        {
            foreach (LayerProgress layer in layers.Where(layer => IsDone(layer) && _told.Add(layer.Digest)))
            {
                output.WriteLine(Describe(layer, doing, done));
            }
        }
    }

    // Cursor up and erase line are all that is needed, and every terminal knows them (ECMA-48).
    private sealed class Live(TextWriter output, string doing, string done, Func<int> rows) : TransferDisplay
    {
        private int _shown;

        public override void Begin(string image) => output.WriteLine($"{doing} {image}");

        public override void Show(IReadOnlyList<LayerProgress> layers)
        {
            // What has scrolled away cannot be redrawn: when there are more layers than rows, those that are done go first.
            int room = Math.Max(1, rows() - 2);
            LayerProgress[] visible = layers.Count <= room ? [.. layers] : [.. layers.OrderBy(IsDone).Take(room)];
            var text = new StringBuilder();
            if (_shown > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\x1b[{_shown}A");
            }

            foreach (LayerProgress layer in visible)
            {
                text.Append("\r\x1b[2K").Append(Describe(layer, doing, done)).Append('\n');
            }

            _shown = Math.Max(_shown, visible.Length);
            for (int i = visible.Length; i < _shown; i++)
            {
                text.Append("\r\x1b[2K\n");
            }

            output.Write(text);
            output.Flush();
        }
    }
}
