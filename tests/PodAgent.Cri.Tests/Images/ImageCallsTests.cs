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
    public void Pull_Present_IsItsId() => Assert.Equal(
        _runtime.Machine.Images[0].Id,
        new PullImage(_runtime.Context).Invoke(new PullImageRequest { Image = new ImageSpec { Image = TestRuntime.Busybox } }).ImageRef);

    [Fact]
    public void Pull_Absent_SaysWhatToDo()
    {
        var failure = Assert.Throws<AgentException>(
            () => new PullImage(_runtime.Context).Invoke(new PullImageRequest { Image = new ImageSpec { Image = "nginx" } }));
        Assert.Equal(
            "image \"nginx\" is not on this node, and pulling from registries is not offered by this version; import it with \"podctl image import\"",
            failure.Message);
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
}
