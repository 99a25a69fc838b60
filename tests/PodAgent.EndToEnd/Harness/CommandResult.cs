namespace PodAgent.EndToEnd.Harness;

/// <summary>What a program printed and returned.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output of a command that must have succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\nstdout: {Output}\nstderr: {Error}");
        return Output;
    }

    /// <summary>Standard error of a command that must have failed.</summary>
    public string Failed()
    {
        Assert.True(ExitCode != 0, $"unexpected success\nstdout: {Output}\nstderr: {Error}");
        return Error;
    }
}
