using System.Text;
using PodAgent.Images;
using PodAgent.Images.Registry;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.RootTests.Images;

/// <summary>A store in a directory of its own, removed afterwards.</summary>
public abstract class ImageStoreFixture : IAsyncLifetime
{
    private readonly string _directory = $"/var/tmp/podagent-images-{Guid.NewGuid():n}";

    internal List<string> Warnings { get; } = [];

    internal ImageStore Store { get; private set; } = null!;

    internal RootfsStore Rootfs { get; private set; } = null!;

    internal ImageStoreOptions Options => new()
    {
        Root = Path.Combine(_directory, "images"),
        SnapshotRoot = Path.Combine(_directory, "snapshots"),
        Warning = Warnings.Add,
        Limits = Limits,
        Registry = Registry,
        TimeProvider = Time,
    };

    private protected virtual ImageLimits Limits => new();

    private protected virtual RegistryOptions Registry => new();

    private protected virtual TimeProvider Time => TimeProvider.System;

    /// <summary>The directory of it all.</summary>
    private protected string Home => _directory;

    private protected virtual RootfsStoreOptions RootfsOptions => new();

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_directory);
        await OpenAsync();
    }

    public Task DisposeAsync()
    {
        Rootfs.Dispose();
        Store.Dispose();
        SnapshotStore.RemoveTree(_directory);
        return Task.CompletedTask;
    }

    /// <summary>As if the agent had been killed and started again.</summary>
    private protected async Task RestartAsync()
    {
        Rootfs.Dispose();
        Store.Dispose();
        await OpenAsync();
    }

    private protected Task<IReadOnlyList<ImageRecord>> ImportAsync(byte[] archive, string? reference = null) =>
        Store.ImportAsync(new MemoryStream(archive), "test.tar", reference, CancellationToken.None);

    private protected async Task<AgentException> ImportFailsAsync(byte[] archive, string? reference = null)
    {
        IReadOnlyList<string> before = Snapshot();
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => ImportAsync(archive, reference));
        Assert.Equal(before, Snapshot());
        Assert.StartsWith("cannot import \"test.tar\": ", failure.Message, StringComparison.Ordinal);
        return failure;
    }

    /// <summary>The unpacked layer of an image, the lowest being 0.</summary>
    private protected string LayerPath(ImageRecord image, int layer = 0) => Store.Snapshots.PathOf(image.ChainIds[layer]);

    /// <summary>Everything in the store's directories.</summary>
    private protected IReadOnlyList<string> Snapshot()
    {
        // Records change when their layers have reached the disk.
        Store.Settling.Wait();
        var names = new List<string>();
        using Fd root = FileTree.OpenDirectory(_directory);
        DirectoryEntries.Walk(root, (parent, name, status) => names.Add($"{File.ResolveLinkTarget(parent.ProcPath, false)}/{Encoding.UTF8.GetString(name)} {status.Kind} {status.Size}"));
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private protected static FileStatus? Stat(string path)
    {
        using Fd parent = FileTree.OpenDirectory(Path.GetDirectoryName(path) + "/.");
        return FileTree.TryStatus(Encoding.UTF8.GetBytes(Path.GetFileName(path)), follow: false, parent);
    }

    private protected static byte[]? Attribute(string path, string name)
    {
        using Fd parent = FileTree.OpenDirectory(Path.GetDirectoryName(path) + "/.");
        return ExtendedAttributes.TryGet(parent, Encoding.UTF8.GetBytes(Path.GetFileName(path)), name);
    }

    private async Task OpenAsync()
    {
        Store = await ImageStore.OpenAsync(Options, CancellationToken.None);
        Rootfs = new RootfsStore(Store, RootfsOptions);
    }
}
