using System.Runtime.InteropServices;
using PodAgent.Linux.Processes;

namespace PodAgent.Linux.Tests.Processes;

public class ProgramPagesTests
{
    [Fact]
    public void ReadOnly_MapsOfAProcess_FindsUnwrittenFilesOnly()
    {
        const string Smaps = """
            00400000-00405000 r--p 00000000 fe:00 42                         /usr/bin/podagent
            Size:                 20 kB
            Anonymous:             0 kB
            VmFlags: rd mr mw me
            00405000-0116d000 r-xp 00005000 fe:00 42                         /usr/bin/pod agent (deleted)
            Rss:               10720 kB
            Anonymous:             0 kB
            01b0b000-01b0d000 r--p 0170a000 fe:00 42                         /usr/bin/podagent
            Anonymous:             8 kB
            01b0d000-02339000 rw-p 0170c000 fe:00 42                         /usr/bin/podagent
            Anonymous:             0 kB
            7f0000000000-7f0000001000 r--s 00000000 00:01 7                  /memfd:shared
            Anonymous:             0 kB
            7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                  [vdso]
            Anonymous:             0 kB
            7f1000000000-7f1000001000 r--p 00000000 00:00 0
            Anonymous:             0 kB
            """;

        Assert.Equal([(0x400000, 0x405000), (0x405000, 0x116d000)], ProgramPages.ReadOnly(Smaps));
    }

    [Fact]
    public void ReadOnly_NoMaps_FindsNothing() => Assert.Empty(ProgramPages.ReadOnly(null));

    [Fact]
    public void Return_CodeThatRuns_GoesOn()
    {
        long returned = ProgramPages.Return();

        // This process runs a program, whose code has gone and come back.
        Assert.True(returned > 4096, $"{returned} bytes");
        Assert.NotEqual("", RuntimeInformation.FrameworkDescription);
    }
}
