using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>Readiness of a descriptor (epoll_ctl(2)).</summary>
[Flags]
public enum EventKinds : uint
{
    /// <summary>Only errors and hang-ups, which are always reported.</summary>
    None = 0,

    /// <summary>EPOLLIN.</summary>
    Readable = EventConstants.EPOLLIN,

    /// <summary>EPOLLPRI: a file of a cgroup has changed since it was read.</summary>
    Priority = EventConstants.EPOLLPRI,

    /// <summary>EPOLLOUT.</summary>
    Writable = EventConstants.EPOLLOUT,

    /// <summary>EPOLLERR: for the writing end of a pipe, the reader is gone.</summary>
    Error = EventConstants.EPOLLERR,

    /// <summary>EPOLLHUP: the other side has closed; there may be data left.</summary>
    HangUp = EventConstants.EPOLLHUP,
}
