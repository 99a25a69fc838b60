using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Images.Archives;
using PodAgent.Linux;
using PodAgent.RootTests.Images;

namespace PodAgent.Images.Tests.Archives;

public sealed class TarReaderTests
{
    [Fact]
    public void Next_EveryType_GivesWhatTheHeaderSays()
    {
        byte[] tar = new TarBuilder()
            .Directory("d", mode: 0b001_111_111_111, uid: 1, gid: 2, modified: 3)
            .File("d/f", "content", mode: 0b100_111_101_101)
            .Symlink("l", "target")
            .Hardlink("h", "d/f")
            .CharDevice("c", 5, 1)
            .Fifo("p")
            .Entry('\0', "old/")
            .Entry('7', "contiguous", content: "x"u8.ToArray())
            .Build();

        List<(TarEntry Entry, string Content)> entries = Read(tar);

        Assert.Equal(
            [TarEntryType.Directory, TarEntryType.Regular, TarEntryType.SymbolicLink, TarEntryType.HardLink, TarEntryType.CharacterDevice, TarEntryType.Fifo, TarEntryType.Directory, TarEntryType.Regular],
            entries.Select(entry => entry.Entry.Type));
        TarEntry directory = entries[0].Entry;
        Assert.Equal(("d/", 0b001_111_111_111u, 1u, 2u, 3L), (directory.DisplayName, directory.Permissions, directory.Uid, directory.Gid, directory.ModifiedSeconds));
        Assert.Equal("content", entries[1].Content);
        Assert.Equal("target"u8.ToArray(), entries[2].Entry.LinkName);
        Assert.Equal("d/f"u8.ToArray(), entries[3].Entry.LinkName);
        Assert.Equal((5u, 1u), (entries[4].Entry.DeviceMajor, entries[4].Entry.DeviceMinor));
    }

    [Fact]
    public void Next_LinkThatStatesASize_HasNoContent()
    {
        byte[] tar = new TarBuilder().Entry('1', "h", link: "f", size: 12345).File("after", "x").Build();

        Assert.Equal(["h", "after"], Read(tar).Select(entry => entry.Entry.DisplayName));
    }

    [Fact]
    public void Next_PaxHeader_OverridesTheFieldsOfOneEntry()
    {
        string huge = new('x', 4000);
        byte[] tar = new TarBuilder()
            .Pax(("path", huge), ("uid", "4294967294"), ("gid", "70000"), ("mtime", "1.5"), ("SCHILY.xattr.user.a", "\0\u00ff="), ("comment", "ignored"))
            .File("short", "1")
            .Pax(("linkpath", huge))
            .Symlink("link", "short")
            .File("plain", "2")
            .Build();

        List<(TarEntry Entry, string Content)> entries = Read(tar);

        TarEntry first = entries[0].Entry;
        Assert.Equal((huge, 4294967294u, 70000u, 1L, 500_000_000u), (first.DisplayName, first.Uid, first.Gid, first.ModifiedSeconds, first.ModifiedNanoseconds));
        KeyValuePair<string, byte[]> attribute = Assert.Single(first.ExtendedAttributes);
        Assert.Equal("user.a", attribute.Key);
        Assert.Equal(new byte[] { 0, 0xFF, (byte)'=' }, attribute.Value);
        Assert.Equal(huge, Encoding.UTF8.GetString(entries[1].Entry.LinkName));
        Assert.Equal(("plain", 0u), (entries[2].Entry.DisplayName, entries[2].Entry.Uid));
    }

    [Fact]
    public void Next_PaxSize_CountsInsteadOfTheHeaders()
    {
        byte[] tar = new TarBuilder().Pax(("size", "5")).Entry('0', "f", size: 0).Raw("hello"u8).Raw(new byte[507]).File("g", "x").Build();

        Assert.Equal(["hello", "x"], Read(tar).Select(entry => entry.Content));
    }

    [Theory]
    [InlineData("1.000000001", 1, 1)]
    [InlineData("-1.25", -2, 750_000_000)]
    [InlineData("-0.5", -1, 500_000_000)]
    [InlineData("7", 7, 0)]
    [InlineData("1.9999999999", 1, 999_999_999)]
    public void Next_PaxTime_IsExact(string text, long seconds, uint nanoseconds)
    {
        TarEntry entry = Read(new TarBuilder().Pax(("mtime", text)).File("f").Build())[0].Entry;

        Assert.Equal((seconds, nanoseconds), (entry.ModifiedSeconds, entry.ModifiedNanoseconds));
    }

    [Fact]
    public void Next_UstarPrefix_IsPutBeforeTheName()
    {
        byte[] header = new TarBuilder().File("name").Build()[..512];
        "some/prefix"u8.CopyTo(header.AsSpan(345));
        TarBuilder.Seal(header);

        Assert.Equal("some/prefix/name", Read([.. header, .. new byte[1024]])[0].Entry.DisplayName);
    }

    [Theory]
    [InlineData(124, 12, new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, null)]
    [InlineData(108, 8, new byte[] { 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFE }, null)]
    [InlineData(108, 8, new byte[] { 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF }, "uid 4294967295 is out of range")]
    [InlineData(108, 8, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "uid -1 is out of range")]
    [InlineData(124, 12, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "negative size")]
    [InlineData(124, 12, new byte[] { 0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "out of range")]
    [InlineData(136, 12, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, null)]
    [InlineData(100, 8, new byte[] { (byte)'9', 0, 0, 0, 0, 0, 0, 0 }, "no octal number")]
    [InlineData(100, 8, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, null)]
    public void Next_UnusualNumber_IsReadOrRefused(int offset, int length, byte[] field, string? expected)
    {
        byte[] header = new TarBuilder().File("f").Build()[..512];
        field.CopyTo(header.AsSpan(offset, length));
        TarBuilder.Seal(header);
        byte[] tar = [.. header, .. new byte[1024]];

        if (expected is null)
        {
            Assert.Single(Read(tar));
        }
        else
        {
            Assert.Contains(expected, Assert.Throws<ContentException>(() => Read(tar)).Message, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, byte[], ErrorKind, string> Malformed() => new()
    {
        { "checksum", [1, .. new TarBuilder().File("f").Build()[1..]], ErrorKind.DataLoss, "checksum" },
        { "text", [.. Enumerable.Repeat((byte)'x', 4096)], ErrorKind.InvalidArgument, "not a tar archive" },
        { "inside content", new TarBuilder().File("f", new byte[2000]).Build()[..1500], ErrorKind.DataLoss, "truncated" },
        { "inside header", new TarBuilder().File("f", "x").Build()[..700], ErrorKind.DataLoss, "truncated" },
        { "inside padding", new TarBuilder().File("f", "x").Build()[..600], ErrorKind.DataLoss, "truncated" },
        { "after pax", new TarBuilder().Pax(("path", "x")).Build(endMark: false), ErrorKind.DataLoss, "ends after an extended header" },
        { "after long name", new TarBuilder().GnuLong('L', "x").Build(), ErrorKind.DataLoss, "ends after an extended header" },
        { "one zero block", new TarBuilder().File("f").Raw(new byte[512]).File("g").Build(), ErrorKind.InvalidArgument, "single block of zeroes" },
        { "pax length", new TarBuilder().Entry('x', "x", content: "99 path=x\n"u8.ToArray()).File("f").Build(), ErrorKind.InvalidArgument, "length" },
        { "pax without newline", new TarBuilder().Entry('x', "x", content: "9 path=xy"u8.ToArray()).File("f").Build(), ErrorKind.InvalidArgument, "length" },
        { "pax without key", new TarBuilder().Entry('x', "x", content: "5 =x\n"u8.ToArray()).File("f").Build(), ErrorKind.InvalidArgument, "no key" },
        { "pax NUL in path", new TarBuilder().Pax(("path", "a\0b")).File("f").Build(), ErrorKind.InvalidArgument, "NUL" },
        { "pax size", new TarBuilder().Pax(("size", "-1")).File("f").Build(), ErrorKind.InvalidArgument, "size is no number" },
        { "pax time", new TarBuilder().Pax(("mtime", "soon")).File("f").Build(), ErrorKind.InvalidArgument, "mtime" },
        { "pax sparse", new TarBuilder().Pax(("GNU.sparse.major", "1")).File("f").Build(), ErrorKind.Unimplemented, "sparse" },
        { "pax too long", new TarBuilder().Entry('x', "x", size: 2 << 20).Build(), ErrorKind.ResourceExhausted, "exceeds" },
        { "unknown type", new TarBuilder().Entry('Z', "f").Build(), ErrorKind.InvalidArgument, "unknown tar entry type" },
        { "many entries", new TarBuilder().File("1").File("2").File("3").File("4").Build(), ErrorKind.ResourceExhausted, "more than 3 entries" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Next_MalformedArchive_SaysWhatIsWrong(string what, byte[] tar, ErrorKind kind, string message)
    {
        ContentException failure = Assert.Throws<ContentException>(() => Read(tar, maxEntries: 3));

        Assert.True(failure.Message.Contains(message, StringComparison.Ordinal), $"{what}: {failure.Message}");
        Assert.Equal(kind, failure.Kind);
    }

    [Fact]
    public void Next_NoEndMark_IsAccepted() => Assert.Single(Read(new TarBuilder().File("f", "x").Build(endMark: false)));

    [Fact]
    public void Next_DamagedAnywhere_FailsOnlyInItsOwnWay()
    {
        byte[] tar = new TarBuilder().Directory("d").Pax(("path", "long"), ("mtime", "1.5")).File("f", "content").GnuLong('K', "target").Symlink("l", "x").Build();

        Prop.ForAll<NonNegativeInt, byte>((position, value) =>
        {
            byte[] damaged = [.. tar];
            int header = position.Get % tar.Length / 512 * 512;
            damaged[position.Get % tar.Length] = value;
            byte[] block = damaged[header..(header + 512)];

            // With a checksum that fits, the damage reaches the code behind it.
            TarBuilder.Seal(block);
            byte[] resealed = [.. damaged[..header], .. block, .. damaged[(header + 512)..]];
            return Survives(damaged) && Survives(resealed);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static bool Survives(byte[] tar)
    {
        try
        {
            Read(tar);
        }
        catch (ContentException)
        {
        }

        return true;
    }

    private static List<(TarEntry Entry, string Content)> Read(byte[] tar, int maxEntries = 100)
    {
        var reader = new TarReader(new MemoryStream(tar), maxEntries);
        var entries = new List<(TarEntry, string)>();
        while (reader.Next() is { } entry)
        {
            entries.Add((entry, entry.Size > 1 << 20 ? "" : Encoding.UTF8.GetString(reader.ReadAll())));
        }

        return entries;
    }
}
