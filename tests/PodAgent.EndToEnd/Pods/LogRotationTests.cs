using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Pods;

/// <summary>A container that writes more than a log file may hold.</summary>
public sealed class LogRotationTests : IAsyncLifetime
{
    private readonly AgentFixture _agent = new("--container-log-max-size=1Mi", "--container-log-max-files=3");

    public Task InitializeAsync() => _agent.InitializeAsync();

    public Task DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Writer_OfALargeLog_IsFollowedAndReadAcrossRotatedFiles()
    {
        // 3 MiB at first, in twelve seconds and without a process for each line, then a few small lines more.
        await _agent.ApplyAsync(PodYaml.Shell(
            "writer",
            "i=0; zeros=$(printf %01000d 0); "
            + "while [ $i -lt 3000 ]; do i=$((i + 1)); echo $i $zeros; [ $((i % 100)) != 0 ] || usleep 400000; done; "
            + "while true; do i=$((i + 1)); echo $i; usleep 100000; done"));
        await _agent.WaitUntilRunningAsync("writer");
        using LineReader follower = _agent.PodctlStart("logs", "-f", "writer");
        string directory = Directory.EnumerateDirectories(_agent.PodLogs).Single() + "/c";
        int last = 0;
        bool rotated = false;
        // A few lines after the first rotation, which comes within ten seconds of the writing.
        for (int after = 0; after < 20; after += rotated ? 1 : 0)
        {
            int number = int.Parse((await follower.ReadAsync())!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(last + 1, number);
            last = number;
            rotated = rotated || (number > 3000 && Directory.EnumerateFiles(directory).Count() > 1);
        }

        string[] all = (await _agent.PodctlAsync("logs", "writer")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] tail = (await _agent.PodctlAsync("logs", "writer", "--tail=2500")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(Enumerable.Range(1, all.Length).Select(number => $"{number}"), all.Select(line => line.Split(' ')[0]));
        // The writer goes on while the end is looked for.
        Assert.InRange(tail.Length, 2500, 2600);
        Assert.InRange(Directory.EnumerateFiles(directory).Count(), 2, 3);
    }
}
