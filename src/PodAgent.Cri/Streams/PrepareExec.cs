using PodAgent.Api.Cri;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Streams;

/// <summary>Exec: checks the request and answers where its client finds the streams.</summary>
internal sealed class PrepareExec(CriContext runtime, StreamingServer server)
{
    public async Task<ExecResponse> InvokeAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        StreamValidation.Check(request.ContainerId, request.Stdin, request.Stdout, request.Stderr, request.Tty);
        if (request.Cmd.Count == 0 || request.Cmd[0].Length == 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "no command specified");
        }

        ContainerGuards.Check(runtime.Containers.Get(request.ContainerId).Record, ContainerVerb.Exec);
        return new ExecResponse { Url = await server.OfferAsync("exec", request, cancellationToken).ConfigureAwait(false) };
    }
}
