using PodAgent.Linux.Events;

namespace PodAgent.Sandbox.Process;

/// <summary>Is told when its descriptor is ready.</summary>
internal interface IEventHandler
{
    void OnReady(EventKinds kinds);
}
