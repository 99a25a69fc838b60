using Grpc.Core;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Tests.Protocol;

public sealed class StatusMappingTests
{
    [Theory]
    [InlineData(0x0, StatusCode.Internal)]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x3, StatusCode.Internal)]
    [InlineData(0x4, StatusCode.Internal)]
    [InlineData(0x6, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0x9, StatusCode.Internal)]
    [InlineData(0xA, StatusCode.Internal)]
    [InlineData(0xB, StatusCode.ResourceExhausted)]
    [InlineData(0xC, StatusCode.PermissionDenied)]
    [InlineData(0x5, StatusCode.Unknown)]
    [InlineData(0xFF, StatusCode.Unknown)]
    public void FromHttp2Error_Code_IsStatus(long code, StatusCode status) => Assert.Equal(status, StatusMapping.FromHttp2Error(code));

    [Theory]
    [InlineData("0", StatusCode.OK)]
    [InlineData("16", StatusCode.Unauthenticated)]
    [InlineData("17", StatusCode.Unknown)]
    [InlineData("-1", StatusCode.Unknown)]
    [InlineData("x", StatusCode.Unknown)]
    [InlineData("", StatusCode.Unknown)]
    public void ParseCode_Text_IsStatus(string text, StatusCode status) => Assert.Equal(status, StatusMapping.ParseCode(text));

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("identity, gzip", true)]
    [InlineData("deflate,GZIP,br", true)]
    [InlineData("identity", false)]
    [InlineData("xgzip", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void AcceptsGzip_List_IsSearched(string? list, bool accepts) => Assert.Equal(accepts, MessageEncodings.AcceptsGzip(list));
}
