using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PodAgent.Images.Configs;

namespace PodAgent.Images.Tests.Configs;

public sealed class ImageConfigParserTests
{
    private const string Rootfs = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}";

    private const string Full = """
        {
          "architecture": "arm64", "variant": "v8", "os": "linux", "created": "2024-05-06T07:08:09.123456789Z",
          "config": {
            "Entrypoint": ["/entry", "-x"], "Cmd": ["sh"], "Env": ["A=1", "B"], "User": "1003:1004", "WorkingDir": "/work", "StopSignal": "SIGQUIT",
            "Volumes": {"/b": {}, "/a": {}}, "ExposedPorts": {"80/tcp": {}}, "Labels": {"k": "v"}, "Healthcheck": {"Test": ["NONE"]}, "Unknown": 1
          },
          "rootfs": {"type": "layers", "diff_ids": ["sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]},
          "history": [{"created_by": "x"}]
        }
        """;

    [Fact]
    public void Parse_EveryField_IsThere()
    {
        ImageConfig config = Parse(Full);

        Assert.Equal(["/entry", "-x"], config.Entrypoint);
        Assert.Equal(["sh"], config.Cmd);
        Assert.Equal(["A=1", "B"], config.Env);
        Assert.Equal(("1003:1004", "/work", "SIGQUIT"), (config.User, config.WorkingDir, config.StopSignal));
        Assert.Equal(["/a", "/b"], config.Volumes);
        Assert.Equal(["80/tcp"], config.ExposedPorts);
        Assert.Equal("v", config.Labels["k"]);
        Assert.Equal(("arm64", "v8", "linux"), (config.Architecture, config.Variant, config.OperatingSystem));
        Assert.Equal(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero), config.Created!.Value.AddTicks(-1234568));
        Assert.Single(config.DiffIds);
    }

    [Theory]
    [InlineData("{" + Rootfs + "}")]
    [InlineData("{\"config\":null," + Rootfs + "}")]
    [InlineData("{\"config\":{}," + Rootfs + "}")]
    [InlineData("{\"config\":{\"Entrypoint\":null,\"Cmd\":null,\"Env\":null,\"Volumes\":null,\"Labels\":null,\"ExposedPorts\":null,\"User\":null}," + Rootfs + "}")]
    [InlineData("{\"created\":\"not a time\",\"config\":{\"Cmd\":[]}," + Rootfs + "}")]
    public void Parse_NothingSet_IsEmpty(string json)
    {
        ImageConfig config = Parse(json);

        Assert.Empty(config.Entrypoint);
        Assert.Empty(config.Cmd);
        Assert.Empty(config.Env);
        Assert.Empty(config.Volumes);
        Assert.Empty(config.Labels);
        Assert.Equal("", config.User);
        Assert.Null(config.Created);
    }

    [Theory]
    [InlineData("", "no valid JSON")]
    [InlineData("[]", "its parent is no object")]
    [InlineData("{}", "no \"rootfs\"")]
    [InlineData("{\"rootfs\":{\"type\":\"tape\"}}", "type \"tape\"")]
    [InlineData("{\"rootfs\":{\"diff_ids\":[\"md5:1\"]}}", "digest algorithm \"md5\"")]
    [InlineData("{\"config\":{\"Cmd\":\"sh\"}," + Rootfs + "}", "\"Cmd\": it is a string, expected a list")]
    [InlineData("{\"config\":{\"Cmd\":[1]}," + Rootfs + "}", "\"Cmd\": it holds a number")]
    [InlineData("{\"config\":{\"User\":1}," + Rootfs + "}", "\"User\": it is a number, expected a string")]
    [InlineData("{\"config\":{\"User\":\"a\\u0000b\"}," + Rootfs + "}", "NUL")]
    [InlineData("{\"config\":{\"User\":\"\\ud800\"}," + Rootfs + "}", "not valid Unicode")]
    [InlineData("{\"config\":{\"Volumes\":[\"/a\"]}," + Rootfs + "}", "\"Volumes\": it is a list, expected an object")]
    public void Parse_WrongShape_NamesTheField(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ContentException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_DamagedAnywhere_FailsOnlyInItsOwnWay()
    {
        byte[] json = Encoding.UTF8.GetBytes(Full);
        Prop.ForAll<NonNegativeInt, byte>((position, value) =>
        {
            byte[] damaged = [.. json];
            damaged[position.Get % json.Length] = value;
            try
            {
                ImageConfigParser.Parse(damaged);
            }
            catch (ContentException)
            {
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static ImageConfig Parse(string json) => ImageConfigParser.Parse(Encoding.UTF8.GetBytes(json));
}
