using System.CommandLine;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Commands;

public class CommandLineTests
{
    [Theory]
    [InlineData("get pods")]
    [InlineData("get pods -A -o wide")]
    [InlineData("get po web db -n prod -o yaml")]
    [InlineData("get pods -l app=web,tier!=db -w --no-headers")]
    [InlineData("get pod/web --output=json")]
    [InlineData("get events -A")]
    [InlineData("apply -f a.yaml -f b.yaml")]
    [InlineData("apply -f - --dry-run")]
    [InlineData("apply --dry-run=server -f a.yaml")]
    [InlineData("delete pod web --now")]
    [InlineData("delete pods --all --force")]
    [InlineData("delete pod web --grace-period=0 --wait=false --ignore-not-found")]
    [InlineData("delete -f a.yaml")]
    [InlineData("describe pod web")]
    [InlineData("logs -f web -c a --tail=3")]
    [InlineData("logs web a --since 5m --timestamps -p")]
    [InlineData("logs pod/web --all-containers --prefix --limit-bytes=100")]
    [InlineData("exec -it web -- ls -la")]
    [InlineData("exec web -c a -u nobody -w /tmp -e A=1 -e B=2 -- env")]
    [InlineData("attach -it web")]
    [InlineData("run hello --image=busybox --restart=Never -- echo hello")]
    [InlineData("run hello -it --rm --image busybox --command -- sh -c true")]
    [InlineData("events --for pod/web -w")]
    [InlineData("wait --for=condition=Ready pod/web --timeout=5s")]
    [InlineData("images -q")]
    [InlineData("image import app.tar --tag app:1")]
    [InlineData("image rm app:1 app:2")]
    [InlineData("image rm --force app")]
    [InlineData("ps -a -n prod --no-trunc")]
    [InlineData("stats web --containers --no-stream")]
    [InlineData("top web -c proxy")]
    [InlineData("inspect web 3f2a -o yaml")]
    [InlineData("doctor --quiet --strict -o json")]
    [InlineData("get pods -o jsonpath={.items[*].metadata.name} --sort-by=.metadata.name")]
    [InlineData("version --client")]
    [InlineData("--socket /run/x.sock get pods")]
    [InlineData("get pods --socket /run/x.sock")]
    public void Parse_WhatKubectlUsersType_IsAccepted(string line) => Assert.Empty(Podctl.ParseLine(line).Errors);

    [Theory]
    [InlineData("get")]
    [InlineData("get pods --colour")]
    [InlineData("delete pod web --dry-run")]
    [InlineData("describe --verbose")]
    [InlineData("exec --tyt web -- true")]
    [InlineData("image rm --forced app")]
    [InlineData("logs")]
    [InlineData("logs web --tail=many")]
    [InlineData("delete pod web --grace-period=soon")]
    [InlineData("describe")]
    [InlineData("exec")]
    [InlineData("run hello")]
    [InlineData("run hello --image=busybox --restart=Sometimes")]
    [InlineData("apply -f a.yaml --dry-run=maybe")]
    [InlineData("wait pod/web")]
    [InlineData("image")]
    [InlineData("image import")]
    [InlineData("image rm")]
    [InlineData("frobnicate")]
    public void Parse_Mistakes_AreRefused(string line) => Assert.NotEmpty(Podctl.ParseLine(line).Errors);

    [Fact]
    public void Parse_Exec_KeepsTheCommandsOwnOptions()
    {
        ParseResult result = Podctl.ParseLine("exec -it web -c a -- ls -la --color -c x");

        Assert.Equal("web", result.GetValue<string>("POD"));
        Assert.Equal(["ls", "-la", "--color", "-c", "x"], result.GetValue<string[]>("COMMAND")!);
        Assert.Equal("a", result.GetValue<string>("--container"));
        Assert.True(result.GetValue<bool>("--stdin"));
        Assert.True(result.GetValue<bool>("--tty"));
    }

    [Fact]
    public void Parse_Logs_ReadsEachOption()
    {
        ParseResult result = Podctl.ParseLine("logs -fp web -c a --tail=3 --since=5m");

        Assert.Equal("web", result.GetValue<string>("POD"));
        Assert.Equal("a", result.GetValue<string>("--container"));
        Assert.Equal(3, result.GetValue<long?>("--tail"));
        Assert.Equal("5m", result.GetValue<string>("--since"));
        Assert.True(result.GetValue<bool>("--follow"));
        Assert.True(result.GetValue<bool>("--previous"));
    }

    [Fact]
    public void Parse_Get_ReadsWordsAndOptionsInAnyOrder()
    {
        ParseResult result = Podctl.ParseLine("get -A pods -o wide web");

        Assert.Equal(["pods", "web"], result.GetValue<string[]>("RESOURCE")!);
        Assert.Equal("wide", result.GetValue<string>("--output"));
        Assert.True(result.GetValue<bool>("--all-namespaces"));
    }

    [Fact]
    public void Parse_Apply_TakesOneFilePerOption()
    {
        ParseResult result = Podctl.ParseLine("apply -f a.yaml --filename=b.yaml");

        Assert.Equal(["a.yaml", "b.yaml"], result.GetValue<string[]>("--filename")!);
    }

    [Fact]
    public void Parse_Delete_WaitsUnlessToldOtherwise()
    {
        Assert.True(Podctl.ParseLine("delete pod web").GetValue<bool>("--wait"));
        Assert.False(Podctl.ParseLine("delete pod web --wait=false").GetValue<bool>("--wait"));
    }
}
