using PodAgent.Pods.Probes;

namespace PodAgent.Pods.Tests.Probes;

public class ProbeCounterTests
{
    /// <summary>Answers: s(uccess), f(ailure), u(nknown); verdict after each.</summary>
    [Theory]
    [InlineData(ProbeKind.Readiness, 1, 3, "sfffs", "SSSFS")]
    [InlineData(ProbeKind.Readiness, 2, 1, "ssfss", "FSFFS")]
    [InlineData(ProbeKind.Readiness, 1, 3, "sffsff", "SSSSSS")]
    [InlineData(ProbeKind.Liveness, 1, 3, "fff", "SSF")]
    [InlineData(ProbeKind.Liveness, 1, 3, "ffufs", "SSSFS")]
    [InlineData(ProbeKind.Startup, 1, 2, "fs", "US")]
    [InlineData(ProbeKind.Startup, 1, 2, "ff", "UF")]
    [InlineData(ProbeKind.Readiness, 1, 1, "u", "F")]
    public void Add_Answers_GiveVerdictsByThresholds(ProbeKind kind, int success, int failure, string answers, string verdicts)
    {
        ProbeCounter counter = new(kind, new Core.Probe { SuccessThreshold = success, FailureThreshold = failure });

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
