using System.Text;
using PodAgent.Pods.Logs;
using PodAgent.Pods.Sources;

namespace PodAgent.Pods.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-logs-").FullName;
    private readonly DirectoryWatcher _watcher = new();

    private string Live => Path.Combine(_directory, "0.log");

    public void Dispose()
    {
        _watcher.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Line(int second, string text, char tag = 'F', string stream = "stdout") => $"2026-01-01T00:00:{second:00}.123456789Z {stream} {tag} {text}\n";

    private async Task<string> ReadAsync(Func<LogQuery, LogQuery>? with = null)
    {
        LogQuery query = new() { File = Live };
        StringBuilder text = new();
        await new LogReader(_watcher).ReadAsync(with?.Invoke(query) ?? query, data => Append(text, data), CancellationToken.None);
        return text.ToString();
    }

    private static Task Append(StringBuilder text, ReadOnlyMemory<byte> data)
    {
        lock (text)
        {
            text.Append(Encoding.UTF8.GetString(data.Span));
        }

        return Task.CompletedTask;
    }

    [Fact]
    public async Task Read_WholeFile_GivesContentOfBothStreams()
    {
        File.WriteAllText(Live, Line(1, "one") + Line(2, "two", stream: "stderr") + Line(3, ""));

        Assert.Equal("one\ntwo\n\n", await ReadAsync());
    }

    [Fact]
    public async Task Read_PartialLines_AreJoined()
    {
        File.WriteAllText(Live, Line(1, "on", 'P') + Line(1, "e", 'F') + Line(2, "unfinished", 'P'));

        Assert.Equal("one\nunfinished", await ReadAsync());
    }

    [Fact]
    public async Task Read_Timestamps_PrefixEachLineOnce()
    {
        File.WriteAllText(Live, Line(1, "on", 'P') + Line(2, "e") + Line(3, "two"));

        Assert.Equal("2026-01-01T00:00:01.123456789Z one\n2026-01-01T00:00:03.123456789Z two\n", await ReadAsync(q => q with { Timestamps = true }));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "three\n")]
    [InlineData(2, "two\nthree\n")]
    [InlineData(3, "one\ntwo\nthree\n")]
    [InlineData(9, "one\ntwo\nthree\n")]
    public async Task Read_Tail_CountsTheContainersLines(long lines, string expected)
    {
        File.WriteAllText(Live, Line(1, "one") + Line(2, "tw", 'P') + Line(2, "o") + Line(3, "thr", 'P') + Line(3, "ee"));

        Assert.Equal(expected, await ReadAsync(q => q with { TailLines = lines }));
    }

    [Fact]
    public async Task Read_TailOfABigFile_IsTheSameAsTheEndOfAll()
    {
        StringBuilder all = new();
        for (int i = 0; i < 20_000; i++)
        {
            all.Append(Line(i % 60, $"line {i} {new string('x', i % 97)}"));
        }

        File.WriteAllText(Live, all.ToString());
        string[] lines = (await ReadAsync()).Split('\n');

        foreach (int count in new[] { 1, 2, 999, 5000, 19_999 })
        {
            string tail = await ReadAsync(q => q with { TailLines = count });
            Assert.Equal(string.Join('\n', lines[(20_000 - count)..]), tail);
        }
    }

    [Fact]
    public async Task Read_Since_LeavesOutWhatWasBefore()
    {
        File.WriteAllText(Live, Line(1, "one") + Line(2, "two") + Line(3, "three"));
        long since = (new DateTimeOffset(2026, 1, 1, 0, 0, 2, TimeSpan.Zero).ToUnixTimeSeconds() * 1_000_000_000) + 123_456_789;

        Assert.Equal("two\nthree\n", await ReadAsync(q => q with { Since = since }));
        Assert.Equal("three\n", await ReadAsync(q => q with { Since = since + 1 }));
    }

    [Fact]
    public async Task Read_Limit_CutsInTheMiddle()
    {
        File.WriteAllText(Live, Line(1, "one") + Line(2, "two"));

        Assert.Equal("one\nt", await ReadAsync(q => q with { LimitBytes = 5 }));
    }

    [Fact]
    public async Task Read_RotatedFiles_ComeFirst()
    {
        using (FileStream file = File.Create(Live + ".20260101-000000.gz"))
        using (System.IO.Compression.GZipStream zip = new(file, System.IO.Compression.CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes(Line(1, "one")));
        }

        File.WriteAllText(Live + ".20260102-000000", Line(2, "two"));
        File.WriteAllText(Live, Line(3, "three"));

        Assert.Equal("one\ntwo\nthree\n", await ReadAsync());
        Assert.Equal("two\nthree\n", await ReadAsync(q => q with { TailLines = 2 }));
    }

    [Fact]
    public async Task Read_NoFile_GivesNothing() => Assert.Equal("", await ReadAsync());

    [Fact]
    public async Task Follow_LinesAndRotation_LosesAndDoublesNothing()
    {
        File.WriteAllText(Live, Line(1, "one"));
        TaskCompletionSource ended = new();
        StringBuilder text = new();
        using SemaphoreSlim arrived = new(0);
        Task following = new LogReader(_watcher).ReadAsync(
            new LogQuery { File = Live, FollowUntil = ended.Task },
            async data =>
            {
                await Append(text, data);
                arrived.Release();
            },
            CancellationToken.None);
        await ExpectAsync("one\n");

        File.AppendAllText(Live, Line(2, "two"));
        await ExpectAsync("one\ntwo\n");

        File.Move(Live, Live + ".20260101-000000");
        File.AppendAllText(Live + ".20260101-000000", Line(3, "three"));
        File.WriteAllText(Live, Line(4, "four"));
        await ExpectAsync("one\ntwo\nthree\nfour\n");

        File.AppendAllText(Live, Line(5, "five"));
        ended.SetResult();
        await following.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("one\ntwo\nthree\nfour\nfive\n", text.ToString());

        async Task ExpectAsync(string expected)
        {
            while (text.ToString() != expected)
            {
                Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(20)), $"got: {text}");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no log line")]
    [InlineData("2026-01-01T00:00:01.123456789Z stdin F x")]
    [InlineData("2026-01-01T00:00:01.123456789Z stdout")]
    [InlineData("2026-01-01T00:00:01.123456789Z stdout X x")]
    public void TryParse_NotALogLine_IsFalse(string line) => Assert.False(LogLine.TryParse(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void TryParse_FurtherTags_AreSkipped()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("2026-01-01T00:00:01.123456789Z stderr P:x:y text here");

        Assert.True(LogLine.TryParse(bytes, out LogLine line));
        Assert.True(line is { Partial: true, StandardError: true });
        Assert.Equal("text here", Encoding.UTF8.GetString(line.Content(bytes)));
    }
}
