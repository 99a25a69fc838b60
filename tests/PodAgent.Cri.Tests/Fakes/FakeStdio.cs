using System.IO.Pipelines;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>Pipes in memory; the process's ends are here, in the order in which they were made.</summary>
internal sealed class FakeStdio : IStdio
{
    public List<Stream> Outputs { get; } = [];

    public List<Stream> Inputs { get; } = [];

    public List<(uint Columns, uint Rows)> Sizes { get; } = [];

    public StdioEnd Output()
    {
        var pipe = new Pipe();
        Outputs.Add(pipe.Writer.AsStream());
        return new StdioEnd(new Fd(), pipe.Reader.AsStream());
    }

    public StdioEnd Input()
    {
        var pipe = new Pipe();
        Inputs.Add(pipe.Reader.AsStream());
        return new StdioEnd(new Fd(), pipe.Writer.AsStream());
    }

    public TerminalEnd Terminal(uint columns, uint rows, int neighbour = 0)
    {
        Sizes.Add((columns, rows));
        var output = new Pipe();
        Outputs.Add(output.Writer.AsStream());
        return new TerminalEnd(new Fd(), output.Reader.AsStream(), (width, height) => Sizes.Add((width, height)));
    }
}
