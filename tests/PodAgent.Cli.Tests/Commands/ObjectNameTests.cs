using PodAgent.Cli.Commands;

namespace PodAgent.Cli.Tests.Commands;

public class ObjectNameTests
{
    [Theory]
    [InlineData("pods", "")]
    [InlineData("po", "")]
    [InlineData("Pod web", "web")]
    [InlineData("pods web db", "web db")]
    [InlineData("pod/web po/db", "web db")]
    [InlineData("pods pod/web", "web")]
    [InlineData("", "")]
    public void Pods_WordsAfterAVerb_AreNames(string words, string names) => Assert.Equal(Split(names), ObjectName.Pods(Split(words)));

    [Theory]
    [InlineData("nodes")]
    [InlineData("web")]
    [InlineData("svc/web")]
    [InlineData("pods deploy/web")]
    public void Pods_OtherKinds_AreRefused(string words) =>
        Assert.Contains("resource type", Assert.Throws<CliException>(() => ObjectName.Pods(Split(words))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("web", "web")]
    [InlineData("pod/web", "web")]
    [InlineData("PODS/web", "web")]
    public void Pod_WithOrWithoutKind_IsTheName(string text, string name) => Assert.Equal(name, ObjectName.Pod(text));

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
