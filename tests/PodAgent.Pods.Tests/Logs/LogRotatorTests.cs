using PodAgent.Pods.Logs;
using PodAgent.Pods.Tests.Fakes;

namespace PodAgent.Pods.Tests.Logs;

public sealed class LogRotatorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-rotate-").FullName;
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private string Live => Path.Combine(_directory, "0.log");

    private IEnumerable<string> Names => Directory.EnumerateFiles(_directory).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void IsDue_OnlyBeyondTheLimit()
    {
        LogRotator rotator = new(_time, 4, 5);

        Assert.False(rotator.IsDue(Live));
        File.WriteAllText(Live, "1234");
        Assert.False(rotator.IsDue(Live));
        File.AppendAllText(Live, "5");
        Assert.True(rotator.IsDue(Live));
    }

    [Fact]
    public async Task Rotate_AgainAndAgain_KeepsTheNewestFilesAndCompressesTheOlder()
    {
        LogRotator rotator = new(_time, 0, 4);
        for (int round = 0; round < 6; round++)
        {
            File.WriteAllText(Live, $"2030-01-01T00:00:0{round}.000000000Z stdout F round {round}\n");
            await rotator.RotateAsync(Live, () => File.WriteAllTextAsync(Live, ""));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(["0.log", "0.log.20300102-030435.gz", "0.log.20300102-030445.gz", "0.log.20300102-030455"], Names);
        File.WriteAllText(Live, "2030-01-01T00:00:06.000000000Z stdout F now\n");
        Assert.Equal("round 3\nround 4\nround 5\nnow\n", await ReadAsync(null));
        Assert.Equal("round 5\nnow\n", await ReadAsync(2));
        Assert.Equal("round 4\nround 5\nnow\n", await ReadAsync(3));
    }

    [Fact]
    public async Task Rotate_WriterDoesNotReopen_GivesTheNameBack()
    {
        LogRotator rotator = new(_time, 0, 2);
        File.WriteAllText(Live, "text");

        await Assert.ThrowsAsync<IOException>(() => rotator.RotateAsync(Live, () => throw new IOException("no")));

        Assert.Equal(["0.log"], Names);
        Assert.Equal("text", File.ReadAllText(Live));
    }

    [Fact]
    public async Task Rotate_CompressionThatWasInterrupted_IsDoneAnew()
    {
        LogRotator rotator = new(_time, 0, 5);
        File.WriteAllText(Live, "live");
        File.WriteAllText(Live + ".20300101-000000", "2030-01-01T00:00:00.000000000Z stdout F old\n");
        File.WriteAllText(Live + ".20300101-000000.gz.tmp", "half");
        // The other end of the interruption: compressed, the source not yet removed.
        File.WriteAllText(Live + ".20291231-000000", "2029-12-31T00:00:00.000000000Z stdout F older\n");
        await CompressAsync(Live + ".20291231-000000");

        Assert.Equal(2, LogFiles.Rotated(Live).Count);
        await rotator.RotateAsync(Live, () => File.WriteAllTextAsync(Live, ""));

        Assert.DoesNotContain(Names, name => name.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Contains("0.log.20300101-000000.gz", Names);
    }

    private static async Task CompressAsync(string file)
    {
        await using FileStream target = File.Create(file + ".gz");
        await using System.IO.Compression.GZipStream zip = new(target, System.IO.Compression.CompressionLevel.Fastest);
        await zip.WriteAsync(await File.ReadAllBytesAsync(file));
    }

    private async Task<string> ReadAsync(long? tail)
    {
        using PodAgent.Pods.Sources.DirectoryWatcher watcher = new();
        System.Text.StringBuilder text = new();
        await new LogReader(watcher).ReadAsync(new LogQuery { File = Live, TailLines = tail }, Append, CancellationToken.None);
        return text.ToString();

        Task Append(ReadOnlyMemory<byte> data)
        {
            text.Append(System.Text.Encoding.UTF8.GetString(data.Span));
            return Task.CompletedTask;
        }
    }
}
