using PodAgent.Linux;
using Wire = PodAgent.Containers.Protocol;

namespace PodAgent.Cri.Containers;

/// <summary>The descriptors that a command gets; null is /dev/null.</summary>
internal sealed record ExecStdio(Fd? Stdin, Fd? Stdout, Fd? Stderr, Fd? Terminal)
{
    public List<Fd> AddTo(Wire.ExecRequest request)
    {
        var descriptors = new List<Fd>(3);
        int Index(Fd descriptor)
        {
            descriptors.Add(descriptor);
            return descriptors.Count - 1;
        }

        if (Stdin is not null)
        {
            request.StdinFd = Index(Stdin);
        }

        if (Stdout is not null)
        {
            request.StdoutFd = Index(Stdout);
        }

        if (Stderr is not null)
        {
            request.StderrFd = Index(Stderr);
        }

        if (Terminal is not null)
        {
            request.TerminalFd = Index(Terminal);
        }

        return descriptors;
    }
}
