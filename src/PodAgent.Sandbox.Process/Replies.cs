using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;

namespace PodAgent.Sandbox.Process;

/// <summary>Where the reply to one request goes. The connection may be gone by then, which is nobody's concern.</summary>
internal sealed class Replies(AgentConnection connection, ulong id)
{
    public void With(Message message)
    {
        message.Id = id;
        connection.Send(message);
    }

    public void Done() => With(new Message { Empty = new EmptyReply() });

    public void Fail(SandboxFailureException failure) => With(new Message { Failure = failure.ToFailure() });

    public void Subscribe() => connection.Subscribed = true;
}
