using System.Text.Json.Nodes;
using PodAgent.Cli.JsonPath;

namespace PodAgent.Cli.Tests.JsonPath;

public class JsonPathTemplateTests
{
    private static readonly JsonNode s_list = JsonNode.Parse(
        """
        {"items": [
          {"metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "shop", "tier": "front"}},
           "spec": {"containers": [{"name": "a", "image": "x:1", "ports": [80, 443]}, {"name": "b", "image": "y:2"}]},
           "status": {"phase": "Running", "ready": true, "restarts": 3}},
          {"metadata": {"name": "db"}, "spec": {"containers": [{"name": "c", "image": "z:3"}]}, "status": {"phase": "Failed", "restarts": 12}}
        ]}
        """)!;

    [Theory]
    [InlineData("{.items[0].metadata.name}", "web")]
    [InlineData("{$.items[0].metadata.name}", "web")]
    [InlineData("{.items[*].metadata.name}", "web db")]
    [InlineData("{.items[-1].metadata.name}", "db")]
    [InlineData("{.items[0:1].metadata.name}", "web")]
    [InlineData("{.items[-1:].metadata.name}", "db")]
    [InlineData("{.items[0,1].status.phase}", "Running Failed")]
    [InlineData("{.items[0]['metadata','status'].name}", "web")]
    [InlineData("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "shop")]
    [InlineData("{.items[0].metadata.labels['app.kubernetes.io/name']}", "shop")]
    [InlineData("{..image}", "x:1 y:2 z:3")]
    [InlineData("{.items[0].spec.containers[0].ports}", "[80,443]")]
    [InlineData("{.items[0].status.ready}", "true")]
    [InlineData("{.items[1].metadata.labels.tier}", "")]
    [InlineData("{.items[9].metadata.name}", "")]
    [InlineData("{.items[?(@.status.phase==\"Failed\")].metadata.name}", "db")]
    [InlineData("{.items[?(@.status.phase != 'Failed')].metadata.name}", "web")]
    [InlineData("{.items[?(@.status.restarts>5)].metadata.name}", "db")]
    [InlineData("{.items[?(@.status.ready)].metadata.name}", "web")]
    [InlineData("{.items[?(@.status.ready==true)].metadata.name}", "web")]
    [InlineData("{.items[0].spec.containers[?(@.name==\"b\")].image}", "y:2")]
    [InlineData("{range .items[*]}{.metadata.name}{\"\\t\"}{.status.phase}{\"\\n\"}{end}", "web\tRunning\ndb\tFailed\n")]
    [InlineData("{range .items[*]}{range .spec.containers[*]}{.name},{end};{end}", "a,b,;c,;")]
    [InlineData("name: {.items[0].metadata.name} {\"{}\"}", "name: web {}")]
    [InlineData("{.items[0].metadata.name \" is \" .items[0].status.phase}", "web is Running")]
    [InlineData("{ .items[0].metadata.name }", "web")]
    [InlineData("plain", "plain")]
    public void Execute_KubectlsTemplates_PrintsTheSame(string template, string expected) =>
        Assert.Equal(expected, JsonPathTemplate.Parse(template).Execute(s_list));

    [Theory]
    [InlineData("{.items[0}")]
    [InlineData("{.items[?(@.a==)]}")]
    [InlineData("{.items[x]}")]
    [InlineData("{.items[0].metadata.name")]
    [InlineData("{range .items[*]}{.metadata.name}")]
    [InlineData("{end}")]
    [InlineData("{items}")]
    [InlineData("{\"open}")]
    public void Parse_Mistakes_AreToldApart(string template) => Assert.NotEmpty(Assert.Throws<JsonPathException>(() => JsonPathTemplate.Parse(template)).Message);

    [Theory]
    [InlineData("{.metadata.name}")]
    [InlineData(".metadata.name")]
    [InlineData("metadata.name")]
    public void ParseRelaxed_WithOrWithoutBraces_IsTheSamePath(string path) =>
        Assert.Equal("web", JsonPathTemplate.Text(Assert.Single(JsonPathExpression.ParseRelaxed(path).Select(s_list["items"]![0]))));
}
