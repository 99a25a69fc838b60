using PodAgent.Api.Meta;

namespace PodAgent.Api.Tests.Meta;

public class LabelSelectorExpressionTests
{
    private static readonly Dictionary<string, string> s_labels = new() { ["app"] = "web", ["tier"] = "front", ["size"] = "7" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier!=back", true)]
    [InlineData(" app = web , tier in ( front , back ) ", true)]
    [InlineData("app=db", false)]
    [InlineData("!app", false)]
    [InlineData("!other", true)]
    [InlineData("other!=x", true)]
    [InlineData("other notin (x)", true)]
    [InlineData("app notin (web,db)", false)]
    [InlineData("other in (x)", false)]
    [InlineData("size>5,size<8", true)]
    [InlineData("size>7", false)]
    [InlineData("app>1", false)]
    [InlineData("app=", false)]
    [InlineData("example.com/app!=", true)]
    public void Matches_Selector_Decides(string text, bool expected) =>
        Assert.Equal(expected, LabelSelectorExpression.Parse(text).Matches(s_labels));

    [Theory]
    [InlineData("app=web=x")]
    [InlineData("app in web")]
    [InlineData("app in (web")]
    [InlineData("app like web")]
    [InlineData("a b")]
    [InlineData("-app=web")]
    [InlineData("app=we/b")]
    [InlineData("app=web,")]
    [InlineData(",")]
    [InlineData("app>x")]
    public void Parse_Broken_Throws(string text)
    {
        FormatException exception = Assert.Throws<FormatException>(() => LabelSelectorExpression.Parse(text));

        Assert.Contains($"cannot read label selector \"{text}\"", exception.Message);
    }

    [Theory]
    [InlineData("app=web,tier!=back,x in (a,b),y notin (c,d),z,!q,n>5")]
    public void ToString_Selector_IsReadAgain(string text) => Assert.Equal(text, LabelSelectorExpression.Parse(text).ToString());

    [Fact]
    public void From_ApiSelector_MatchesAllOfIt()
    {
        LabelSelector selector = new()
        {
            MatchLabels = { ["app"] = "web" },
            MatchExpressions = { new LabelSelectorRequirement { Key = "tier", Operator = "NotIn", Values = { "back" } } },
        };

        Assert.True(LabelSelectorExpression.From(selector)!.Matches(s_labels));
        Assert.Null(LabelSelectorExpression.From(null));
    }
}
