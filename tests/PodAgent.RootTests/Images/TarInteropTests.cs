using System.Diagnostics;
using PodAgent.Images;

namespace PodAgent.RootTests.Images;

/// <summary>Layers written by the machine's tar, in each format that it knows.</summary>
public sealed class TarInteropTests : ImageStoreFixture
{
    [Theory]
    [InlineData("pax")]
    [InlineData("gnu")]
    [InlineData("ustar")]
    public async Task Import_LayerWrittenByGnuTar_IsTheSameTree(string format)
    {
        string source = Directory.CreateTempSubdirectory("podagent-tar-").FullName;
        try
        {
            // ustar splits long names at a slash; the other formats have headers for them.
            string name = format == "ustar" ? $"{new string('d', 90)}/{new string('n', 90)}" : $"{new string('d', 150)}/{new string('n', 250)}";
            await RunAsync("sh", "-c", $"cd {source} && mkdir {name.Split('/')[0]} && echo text > {name} && ln {name} hard && ln -s {(format == "ustar" ? "x" : new string('l', 300))} soft && mkfifo pipe && mknod null c 1 3 && chmod 4711 hard && chown 1234:5678 pipe && truncate -s 100000 zeroes && touch -d @1500000000 hard");
            await RunAsync("tar", "-C", source, $"--format={format}", "--xattrs", "-cf", $"{source}.tar", ".");

            ImageRecord image = Assert.Single(await ImportAsync(ArchiveBuilder.Docker("a:1", File.ReadAllBytes($"{source}.tar"))));

            Assert.Equal(await ListAsync(source), await ListAsync(LayerPath(image)));
            Assert.Equal("text\n", File.ReadAllText($"{LayerPath(image)}/{name}"));
        }
        finally
        {
            Directory.Delete(source, recursive: true);
            File.Delete($"{source}.tar");
        }
    }

    // Type, mode, owner, links, size of files, time of files, target, name.
    private static Task<string> ListAsync(string path) =>
        RunAsync("sh", "-c", $"cd {path} && find . -printf '%y %m %U:%G %l %P ' \\( -type f -printf '%n %s %Ts' -o -true \\) -printf '\\n' | sort");

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
