using System.Text;
using PodAgent.Images.Content;

namespace PodAgent.Images.Tests.Content;

public sealed class ContentStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-content-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Write_OneBlobByManyWhileGarbageIsCollected_Succeeds()
    {
        var store = new ContentStore(_directory);
        for (int round = 0; round < 50; round++)
        {
            byte[] blob = Encoding.ASCII.GetBytes($"blob {round}");
            string digest = Sha256Digest.Of(blob);
            var used = new HashSet<string> { digest };

            Parallel.For(0, 8, each =>
            {
                if (each == 7)
                {
                    store.RemoveUnused(used);
                }
                else
                {
                    store.Write(digest, blob);
                }
            });

            Assert.Equal(blob, store.Read(digest, 100));
        }
    }
}
