using Google.Protobuf;
using PodAgent.Api.Cri;
using PodAgent.Cri.Images;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Images;

public sealed class ImageCallsTests : IDisposable
{
    private readonly TestRuntime _runtime = new();

    [Fact]
    public void Status_Absent_IsAnAnswerWithoutImage() =>
        Assert.Null(new GetImageStatus(_runtime.Context).Invoke(new ImageStatusRequest { Image = new ImageSpec { Image = "nope" } }).Image);

    [Fact]
    public void Status_ByAnyName_IsTheSameBytes()
    {
        var status = new GetImageStatus(_runtime.Context);
        Image byTag = status.Invoke(new ImageStatusRequest { Image = new ImageSpec { Image = TestRuntime.Busybox } }).Image;
        Image byId = status.Invoke(new ImageStatusRequest { Image = new ImageSpec { Image = byTag.Id } }).Image;
        Assert.Equal(byTag.ToByteArray(), byId.ToByteArray());
        Assert.Null(byTag.Spec);
    }

    [Theory]
    [InlineData("", 0L, "")]
    [InlineData("1002", 1002L, "")]
    [InlineData("1003:1004", 1003L, "")]
    [InlineData("www-data", null, "www-data")]
    [InlineData("www-data:1004", null, "www-data")]
    [InlineData("4294967296", null, "4294967296")]
    public void Image_User_IsANumberOrAName(string user, long? uid, string name)
    {
        Image image = ImageView.ToImage(FakeMachine.Image("sha256:x", "x:1", new() { User = user }));
        Assert.Equal((uid, name), (image.Uid?.Value, image.Username));
    }

    [Fact]
    public async Task Pull_Image_IsItsId()
    {
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:abc", "registry.example/app:1", new()));

        PullImageResponse response = await PullAsync("registry.example/app:1");

        Assert.Equal("sha256:abc", response.ImageRef);
        Assert.Null(_runtime.Machine.Pulled!.Credential);
    }

    [Fact]
    public async Task Pull_LocalDomain_AsksNoRegistry()
    {
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:abc", "podagent.local/app:1", new()));

        Assert.Equal("sha256:abc", (await PullAsync("podagent.local/app:1")).ImageRef);
        var failure = await Assert.ThrowsAsync<AgentException>(() => PullAsync("podagent.local/other:1"));

        Assert.Equal("image \"podagent.local/other:1\" is not on this node, and podagent.local is no registry", failure.Message);
        Assert.Null(_runtime.Machine.Pulled);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("registry.example", true)]
    [InlineData("https://registry.example/v2/", true)]
    [InlineData("https://other.example", false)]
    public async Task Pull_Credential_IsForItsServerOnly(string server, bool passed)
    {
        _runtime.Machine.Images.Add(FakeMachine.Image("sha256:abc", "registry.example/app:1", new()));

        await PullAsync("registry.example/app:1", new AuthConfig { ServerAddress = server, Auth = Convert.ToBase64String("me:secret:word"u8) });

        Assert.Equal(passed ? ("me", "secret:word") : (null, null), (_runtime.Machine.Pulled!.Credential?.Username, _runtime.Machine.Pulled.Credential?.Password));
    }

    [Fact]
    public async Task Pull_MalformedAuth_IsRefusedWithoutRepeatingIt()
    {
        var failure = await Assert.ThrowsAsync<AgentException>(() => PullAsync("registry.example/app:1", new AuthConfig { Auth = "c2VjcmV0" }));

        Assert.Equal((ErrorKind.InvalidArgument, "auth.auth: no base64 of user:password"), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task Remove_Twice_Succeeds()
    {
        var remove = new RemoveImage(_runtime.Context);
        var request = new RemoveImageRequest { Image = new ImageSpec { Image = TestRuntime.Busybox } };
        await remove.InvokeAsync(request, CancellationToken.None);
        await remove.InvokeAsync(request, CancellationToken.None);
        Assert.Empty(_runtime.Machine.Images);
    }

    [Fact]
    public async Task Import_Chunks_ArriveAsOneArchive()
    {
        var requests = new RequestStream<Api.V1.ImportImageRequest>();
        requests.Send(new() { Start = new() { Source = "a.tar", Reference = "x:1" } });
        requests.Send(new() { Chunk = ByteString.CopyFromUtf8("abc") });
        requests.Send(new() { Chunk = ByteString.CopyFromUtf8("def") });
        requests.Complete();
        Api.V1.ImportImageResponse response = await new ImageTransferServer(_runtime.Context).ImportImage(requests, new TestCallContext());
        Assert.Equal(("sha256:abcdef", "x:1"), (response.Images[0].Id, response.Images[0].References[0]));
    }

    [Fact]
    public async Task Import_StartInTheMiddle_FailsTheImport()
    {
        var requests = new RequestStream<Api.V1.ImportImageRequest>();
        requests.Send(new() { Start = new() });
        requests.Send(new() { Start = new() });
        await Assert.ThrowsAsync<AgentException>(() => new ImageTransferServer(_runtime.Context).ImportImage(requests, new TestCallContext()));
        Assert.Single(_runtime.Machine.Images);
    }

    public void Dispose() => _runtime.Dispose();

    private Task<PullImageResponse> PullAsync(string reference, AuthConfig? auth = null) => new PullImage(_runtime.Context).InvokeAsync(
        new PullImageRequest { Image = new ImageSpec { Image = reference }, Auth = auth }, CancellationToken.None);
}
