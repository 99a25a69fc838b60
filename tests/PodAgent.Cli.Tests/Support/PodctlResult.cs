namespace PodAgent.Cli.Tests.Support;

/// <summary>What a run of podctl said and returned.</summary>
internal sealed record PodctlResult(int ExitCode, string Output, string Error)
{
    /// <summary>The output of a run that must have succeeded without a word on standard error.</summary>
    public string Quietly()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, ExitCode);
        return Output;
    }

    /// <summary>Checks a run that wrote only to standard error.</summary>
    public void Failed(int exitCode, string error)
    {
        Assert.Equal(error, Error);
        Assert.Equal("", Output);
        Assert.Equal(exitCode, ExitCode);
    }
}
