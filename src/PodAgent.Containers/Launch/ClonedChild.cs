using PodAgent.Linux;

namespace PodAgent.Containers.Launch;

/// <summary>A child just cloned. Both descriptors are the caller's.</summary>
/// <param name="Pid">Its ID, as the caller sees it.</param>
/// <param name="PidFd">Ready when it has ended.</param>
/// <param name="Channel">The parent's end of the <see cref="SetupChannel"/>.</param>
internal readonly record struct ClonedChild(int Pid, Fd PidFd, Fd Channel);
