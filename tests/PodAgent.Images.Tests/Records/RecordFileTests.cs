using PodAgent.Images.Records;

namespace PodAgent.Images.Tests.Records;

public sealed class RecordFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-record-").FullName;

    private string Record => Path.Combine(_directory, "record");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryRead_WhatWasWritten_IsTheSame(bool durable)
    {
        RecordFile.Write(Record, "thing", 1, "old"u8, durable);
        RecordFile.Write(Record, "thing", 1, "new\ncontent"u8, durable);

        Assert.Equal("new\ncontent"u8.ToArray(), RecordFile.TryRead(Record, "thing", 1, out string? problem));
        Assert.Null(problem);
        Assert.Equal([Record], Directory.GetFiles(_directory));
    }

    [Fact]
    public void TryRead_EveryTruncation_IsNoticed()
    {
        RecordFile.Write(Record, "thing", 1, "content"u8, durable: false);
        byte[] whole = File.ReadAllBytes(Record);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Record, whole[..length]);
            Assert.Null(RecordFile.TryRead(Record, "thing", 1, out string? problem));
            Assert.NotNull(problem);
        }
    }

    [Fact]
    public void TryRead_EveryChangedByte_IsNoticed()
    {
        RecordFile.Write(Record, "thing", 1, "content"u8, durable: false);
        byte[] whole = File.ReadAllBytes(Record);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 1;
            File.WriteAllBytes(Record, changed);
            Assert.Null(RecordFile.TryRead(Record, "thing", 1, out _));
        }
    }

    [Theory]
    [InlineData("other", 1, "no other record")]
    [InlineData("thing", 2, "has version 1, this program knows 2")]
    public void TryRead_OtherKind_SaysSo(string format, int version, string expected)
    {
        RecordFile.Write(Record, "thing", 1, "content"u8, durable: false);

        Assert.Null(RecordFile.TryRead(Record, format, version, out string? problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_SymbolicLink_IsNotFollowed()
    {
        RecordFile.Write(Record, "thing", 1, "content"u8, durable: false);
        File.CreateSymbolicLink(Record + "2", Record);

        Assert.Null(RecordFile.TryRead(Record + "2", "thing", 1, out _));
    }
}
