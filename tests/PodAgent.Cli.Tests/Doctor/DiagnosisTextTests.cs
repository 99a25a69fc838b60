using PodAgent.Api.V1;
using PodAgent.Cli.Doctor;
using PodAgent.Linux.Probing;
using Spectre.Console;

namespace PodAgent.Cli.Tests.Doctor;

public class DiagnosisTextTests
{
    private static readonly ProbeResult[] s_results =
    [
        new("Security", "seccomp", ProbeLevel.Ok, ""),
        new("Security", "libseccomp", ProbeLevel.Ok, "version 2.5.4"),
        new("Security", "SELinux", ProbeLevel.Absent, "not enabled"),
        new("Security", "AppArmor", ProbeLevel.Warning, "the kernel [does] not have it") { Cost = "profiles are refused", Remedy = "boot another kernel" },
    ];

    [Fact]
    public void Write_AnArea_ShowsCostAndRemedyOfWhatIsNotWell() => Assert.Equal(
        """
        Security
          ok       seccomp
          ok       libseccomp                   version 2.5.4
          off      SELinux                      not enabled
          warning  AppArmor                     the kernel [does] not have it
                                                cost: profiles are refused
                                                to get it: boot another kernel

        """,
        Text(quiet: false));

    [Fact]
    public void Write_Quietly_ShowsOnlyTrouble() => Assert.Equal(
        """
        Security
          warning  AppArmor                     the kernel [does] not have it
                                                cost: profiles are refused
                                                to get it: boot another kernel

        """,
        Text(quiet: true));

    [Fact]
    public void Summary_OfWarnings_SaysThatPodsRun() =>
        Assert.Equal("2 ok, 1 off, 1 warnings, 0 missing: pods can run here", DiagnosisText.Summary(s_results));

    [Fact]
    public void ToMessage_SomethingMissing_CannotRunPods()
    {
        Diagnosis diagnosis = DiagnosisText.ToMessage([.. s_results, new ProbeResult("Mounts", "overlay", ProbeLevel.Missing, "no")]);

        Assert.False(diagnosis.CanRunPods);
        Assert.Equal(["ok", "ok", "off", "warning", "missing"], diagnosis.Findings.Select(finding => finding.Level));
    }

    private static string Text(bool quiet)
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        DiagnosisText.Write(console, s_results, quiet);
        return output.ToString();
    }
}
