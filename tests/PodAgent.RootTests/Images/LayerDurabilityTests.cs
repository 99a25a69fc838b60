using System.Text.Json;
using PodAgent.Images;
using PodAgent.Images.Records;
using PodAgent.Images.Snapshots;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images;

/// <summary>A layer may get its place before it is on the disk; a machine that goes down before that has it unpacked again.</summary>
public sealed class LayerDurabilityTests : ImageStoreFixture
{
    private static readonly byte[] s_layer = new TarBuilder().File("hello", "world").Build();

    [Fact]
    public void Place_OfALayerThatIsNotOnTheDisk_ItsRecordSaysSoUntilItIs()
    {
        var layer = new StoredLayer("sha256:" + new string('b', 64), PodAgent.Images.Sha256Digest.Of(s_layer), "sha256:" + new string('c', 64));
        PendingSnapshot pending = Store.Snapshots.Unpack(_ => new MemoryStream(s_layer), layer, LayerDurability.ThisBoot, [], 1 << 20, new ImageLimits(), CancellationToken.None);
        Store.Snapshots.Place(pending);
        string record = Record(Store.Snapshots.PathOf(layer.ChainId));

        Assert.Contains($"\"boot\":\"{BootId.Current}\"", File.ReadAllText(record), StringComparison.Ordinal);
        Assert.Equal(1, Store.Snapshots.Settle());
        Assert.DoesNotContain("boot", File.ReadAllText(record), StringComparison.Ordinal);
        Assert.Equal(0, Store.Snapshots.Settle());
    }

    [Fact]
    public async Task Open_LayerThatTheMachineWentDownWith_IsUnpackedAgain()
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", s_layer)));
        File.WriteAllText($"{LayerPath(image)}/hello", "");
        WriteBoot(image, "an earlier one");

        await RestartAsync();

        Assert.Equal("world", File.ReadAllText($"{LayerPath(image)}/hello"));
        Assert.Contains(Warnings, warning => warning.Contains("went down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Open_LayerOfThisBoot_StaysAndIsWrittenToTheDisk()
    {
        ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", s_layer)));
        ulong inode = Stat($"{LayerPath(image)}/hello")!.Value.Inode;
        WriteBoot(image, BootId.Current);

        await RestartAsync();
        await Store.Settling;

        Assert.Equal(inode, Stat($"{LayerPath(image)}/hello")!.Value.Inode);
        Assert.Empty(Warnings);
        Assert.DoesNotContain("boot", File.ReadAllText(Record(LayerPath(image))), StringComparison.Ordinal);
    }

    private static string Record(string layer) => Path.Combine(Path.GetDirectoryName(layer)!, "record");

    private void WriteBoot(ImageRecord image, string boot)
    {
        string path = Record(LayerPath(image));
        string text = File.ReadAllText(path);
        StoredSnapshot record = JsonSerializer.Deserialize(text[(text.IndexOf('\n') + 1)..], StateJson.Default.StoredSnapshot)!;
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(record with { Boot = boot }, StateJson.Default.StoredSnapshot);
        RecordFile.Write(path, StoredSnapshot.Format, StoredSnapshot.Version, content, durable: false);
    }
}
