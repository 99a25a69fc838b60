using PodAgent.Containers.Logs;

namespace PodAgent.Containers.Tests.Logs;

public sealed class CriLogFileTests
{
    [Fact]
    public void Entries_OfOneBatch_AreWrittenAtItsEndWithItsTime()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var log = new CriLogFile(path, new FixedTime(new DateTimeOffset(2016, 10, 6, 0, 17, 9, TimeSpan.Zero).AddTicks(6697942)));
            log.Begin();
            new CriLogStream("stdout").Append("one\ntwo\n"u8, log);
            Assert.Equal("", File.ReadAllText(path));
            log.End();

            Assert.Equal("2016-10-06T00:17:09.669794200Z stdout F one\n2016-10-06T00:17:09.669794200Z stdout F two\n", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Entries_MoreThanTheBuffer_AreAllWritten()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var log = new CriLogFile(path, TimeProvider.System);
            log.Begin();
            var stream = new CriLogStream("stdout");
            for (int i = 0; i < 20; i++)
            {
                stream.Append(new byte[CriLogStream.MaxContent], log);
            }

            stream.Complete(log);
            log.End();

            Assert.Equal(20, File.ReadAllBytes(path).Count(static b => b == (byte)'\n'));
            Assert.Equal(0, log.Lost);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
