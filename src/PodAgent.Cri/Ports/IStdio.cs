namespace PodAgent.Cri.Ports;

/// <summary>Pipes and terminals between this agent and processes in containers.</summary>
public interface IStdio
{
    /// <summary>A pipe that the process writes and the agent reads.</summary>
    StdioEnd Output();

    /// <summary>A pipe that the agent writes and the process reads; closing the agent's end is the end of input.</summary>
    StdioEnd Input();

    /// <summary>A pseudo-terminal of this size.</summary>
    TerminalEnd Terminal(uint columns, uint rows);
}
