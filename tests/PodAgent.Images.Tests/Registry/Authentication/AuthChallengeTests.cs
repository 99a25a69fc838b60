using PodAgent.Images.Registry.Authentication;

namespace PodAgent.Images.Tests.Registry.Authentication;

public class AuthChallengeTests
{
    [Theory]
    [InlineData("Bearer realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull,push\"",
        "bearer realm=https://auth.example/token service=registry.example scope=repository:a/b:pull,push")]
    [InlineData("Basic realm=\"a \\\"quoted\\\" one\"", "basic realm=a \"quoted\" one")]
    [InlineData("BASIC", "basic")]
    [InlineData("Bearer realm=https://x/token, service=y", "bearer realm=https://x/token service=y")]
    [InlineData("Basic realm=\"a\", Bearer realm=\"b\" , service = \"c\"", "basic realm=a; bearer realm=b service=c")]
    [InlineData("Negotiate, Basic realm=\"a\"", "negotiate; basic realm=a")]
    [InlineData("Bearer realm=\"unterminated", "bearer")]
    [InlineData("Bearer realm=\"a\", realm=\"b\"", "bearer realm=a")]
    [InlineData("", "")]
    [InlineData(", ,", "")]
    [InlineData("\"", "")]
    public void Parse_Field_IsItsChallenges(string field, string expected) => Assert.Equal(
        expected,
        string.Join("; ", AuthChallenge.Parse([field]).Select(challenge =>
            string.Join(' ', (string[])[challenge.Scheme, .. challenge.Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}")]))));

    [Fact]
    public void Parse_SeveralFields_AddUp() => Assert.Equal(["basic", "bearer"], AuthChallenge.Parse(["Basic realm=x", "Bearer realm=y"]).Select(challenge => challenge.Scheme));
}
