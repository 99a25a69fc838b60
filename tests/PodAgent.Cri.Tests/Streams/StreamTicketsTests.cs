using PodAgent.Api.Cri;
using PodAgent.Cri.Streams;
using PodAgent.Cri.Tests.Fakes;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Streams;

public sealed class StreamTicketsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Take_IssuedToken_WorksOnce()
    {
        var tickets = new StreamTickets(_time);
        var request = new ExecRequest();
        string token = tickets.Issue(request);

        Assert.Equal(8, token.Length);
        Assert.Same(request, tickets.Take(token));
        Assert.Null(tickets.Take(token));
        Assert.Null(tickets.Take("unknown0"));
    }

    [Fact]
    public void Take_AfterAMinute_FindsNothing()
    {
        var tickets = new StreamTickets(_time);
        string early = tickets.Issue(new ExecRequest());
        _time.Advance(TimeSpan.FromSeconds(59));
        string late = tickets.Issue(new ExecRequest());
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(tickets.Take(early));
        Assert.NotNull(tickets.Take(late));
    }

    [Fact]
    public void Issue_ThousandWaiting_IsRefusedUntilOneIsUsedOrExpires()
    {
        var tickets = new StreamTickets(_time);
        string[] tokens = [.. Enumerable.Range(0, 1000).Select(_ => tickets.Issue(new ExecRequest()))];

        Assert.Equal(1000, tokens.Distinct().Count());
        Assert.Equal(ErrorKind.ResourceExhausted, Assert.Throws<AgentException>(() => tickets.Issue(new ExecRequest())).Kind);
        Assert.NotNull(tickets.Take(tokens[500]));
        tickets.Issue(new ExecRequest());
        Assert.Throws<AgentException>(() => tickets.Issue(new ExecRequest()));
        _time.Advance(TimeSpan.FromMinutes(1));
        tickets.Issue(new ExecRequest());
    }
}
