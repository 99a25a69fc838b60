using PodAgent.Pods.Probes;

namespace PodAgent.Pods.Tests.Probes;

public class ProbeCounterTests
{
    /// <summary>Answers: s(uccess), f(ailure), u(nknown); verdict after each.</summary>
    [Theory]
    [InlineData("Readiness", 1, 3, "sfffs", "SSSFS")]
    [InlineData("Readiness", 2, 1, "ssfss", "FSFFS")]
    [InlineData("Readiness", 1, 3, "sffsff", "SSSSSS")]
    [InlineData("Liveness", 1, 3, "fff", "SSF")]
    [InlineData("Liveness", 1, 3, "ffufs", "SSSFS")]
    [InlineData("Startup", 1, 2, "fs", "US")]
    [InlineData("Startup", 1, 2, "ff", "UF")]
    [InlineData("Readiness", 1, 1, "u", "F")]
    public void Add_Answers_GiveVerdictsByThresholds(string kind, int success, int failure, string answers, string verdicts)
    {
        ProbeCounter counter = new(Enum.Parse<ProbeKind>(kind), new Core.Probe { SuccessThreshold = success, FailureThreshold = failure });

        string actual = string.Concat(answers.Select(a =>
        {
            counter.Add(a switch
            {
                's' => ProbeResult.Success,
                'f' => ProbeResult.Failure,
                _ => ProbeResult.Unknown,
            });
            return counter.Verdict.ToString()[0];
        }));

        Assert.Equal(verdicts, actual);
    }
}
