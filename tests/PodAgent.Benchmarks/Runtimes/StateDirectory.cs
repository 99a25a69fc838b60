namespace PodAgent.Benchmarks.Runtimes;

/// <summary>A tmpfs of its own: where runtimes keep what a reboot ends, /run, is one on every machine that systemd or its like started.</summary>
internal sealed class StateDirectory : IAsyncDisposable
{
    private StateDirectory(string path) => Path = path;

    public string Path { get; }

    public static async Task<StateDirectory> MountAsync(string path)
    {
        Directory.CreateDirectory(path);
        await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "mode=700", "podagent-bench", path);
        return new StateDirectory(path);
    }

    public async ValueTask DisposeAsync() => await Tool.RunAsync("umount", "--lazy", Path);
}
