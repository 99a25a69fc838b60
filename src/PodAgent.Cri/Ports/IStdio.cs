namespace PodAgent.Cri.Ports;

/// <summary>Pipes and terminals between this agent and processes in containers.</summary>
public interface IStdio
{
    /// <summary>A pipe that the process writes and the agent reads.</summary>
    StdioEnd Output();

    /// <summary>A pipe that the agent writes and the process reads; closing the agent's end is the end of input.</summary>
    StdioEnd Input();

    /// <summary>A pseudo-terminal of this size.</summary>
    /// <param name="columns">Width.</param>
    /// <param name="rows">Height.</param>
    /// <param name="neighbour">A process, as the node numbers it, in whose /dev/pts the terminal is to appear; 0 for none.</param>
    TerminalEnd Terminal(uint columns, uint rows, int neighbour = 0);
}
