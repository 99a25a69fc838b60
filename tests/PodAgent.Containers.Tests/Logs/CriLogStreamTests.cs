using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Containers.Logs;

namespace PodAgent.Containers.Tests.Logs;

public sealed class CriLogStreamTests
{
    [Fact]
    public void Append_LineInPieces_IsOneEntry()
    {
        var sink = new Recorder();
        var stream = new CriLogStream("stdout");

        stream.Append("hel"u8, sink);
        stream.Append("lo\nwor"u8, sink);
        stream.Complete(sink);

        Assert.Equal([("stdout", false, "hello"), ("stdout", false, "wor")], sink.Entries);
    }

    [Fact]
    public void Append_EmptyLines_AreEntries()
    {
        var sink = new Recorder();

        new CriLogStream("stderr").Append("\n\n"u8, sink);

        Assert.Equal([("stderr", false, ""), ("stderr", false, "")], sink.Entries);
    }

    [Theory]
    [InlineData(CriLogStream.MaxContent, 0)]
    [InlineData(CriLogStream.MaxContent + 1, 1)]
    [InlineData(2 * CriLogStream.MaxContent, 1)]
    [InlineData((2 * CriLogStream.MaxContent) + 1, 2)]
    public void Append_LongLine_HasPartsOfTheGreatestLength(int length, int parts)
    {
        var sink = new Recorder();

        new CriLogStream("stdout").Append(Encoding.ASCII.GetBytes(new string('x', length) + "\n"), sink);

        Assert.Equal(parts, sink.Entries.Count(static entry => entry.Partial));
        Assert.All(sink.Entries.SkipLast(1), static entry => Assert.Equal((true, CriLogStream.MaxContent), (entry.Partial, entry.Content.Length)));
        Assert.False(sink.Entries[^1].Partial);
        Assert.Equal(length, sink.Entries.Sum(static entry => entry.Content.Length));
    }

    [Fact]
    public void Complete_NothingPending_AddsNoEntry()
    {
        var sink = new Recorder();
        var stream = new CriLogStream("stdout");
        stream.Append("line\n"u8, sink);

        stream.Complete(sink);

        _ = Assert.Single(sink.Entries);
    }

    [Fact]
    public void Append_AnyBytesInAnyPieces_CanBePutTogetherAgain()
    {
        // Short pieces, with many newlines and a few long runs.
        Gen<byte[]> piece = Gen.OneOf(
            ArbMap.Default.GeneratorFor<byte[]>(),
            Gen.Constant("\n"u8.ToArray()),
            Gen.Choose(1, 40000).Select(static n => Enumerable.Repeat((byte)'y', n).ToArray()));
        Prop.ForAll(piece.ListOf().ToArbitrary(), static pieces =>
        {
            var sink = new Recorder();
            var stream = new CriLogStream("stdout");
            foreach (byte[] each in pieces)
            {
                stream.Append(each, sink);
            }

            stream.Complete(sink);
            byte[] all = [.. pieces.SelectMany(static each => each)];
            string expected = Encoding.Latin1.GetString(all);
            string actual = string.Concat(sink.Entries.Select(static entry => entry.Content + (entry.Partial ? "" : "\n")));
            bool endsInNewline = expected.Length == 0 || expected[^1] == '\n';
            return actual == (endsInNewline ? expected : expected + "\n") && sink.Entries.All(static entry => entry.Content.Length <= CriLogStream.MaxContent);
        }).QuickCheckThrowOnFailure();
    }

    private sealed class Recorder : ICriLogSink
    {
        public List<(string Stream, bool Partial, string Content)> Entries { get; } = [];

        public void Entry(ReadOnlySpan<byte> stream, bool partial, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
            Entries.Add((Encoding.ASCII.GetString(stream), partial, Encoding.Latin1.GetString(head) + Encoding.Latin1.GetString(tail)));
    }
}
