using PodAgent.Linux.Native;

namespace PodAgent.Linux.Events;

/// <summary>What happened to a watched file or directory (inotify(7)).</summary>
[Flags]
public enum FileEvents : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IN_MODIFY.</summary>
    Modified = EventConstants.IN_MODIFY,

    /// <summary>IN_ATTRIB.</summary>
    Attributes = EventConstants.IN_ATTRIB,

    /// <summary>IN_CLOSE_WRITE.</summary>
    Written = EventConstants.IN_CLOSE_WRITE,

    /// <summary>IN_MOVED_FROM.</summary>
    MovedFrom = EventConstants.IN_MOVED_FROM,

    /// <summary>IN_MOVED_TO.</summary>
    MovedTo = EventConstants.IN_MOVED_TO,

    /// <summary>IN_CREATE.</summary>
    Created = EventConstants.IN_CREATE,

    /// <summary>IN_DELETE.</summary>
    Deleted = EventConstants.IN_DELETE,

    /// <summary>IN_DELETE_SELF.</summary>
    SelfDeleted = EventConstants.IN_DELETE_SELF,

    /// <summary>IN_MOVE_SELF.</summary>
    SelfMoved = EventConstants.IN_MOVE_SELF,

    /// <summary>IN_UNMOUNT.</summary>
    Unmounted = EventConstants.IN_UNMOUNT,

    /// <summary>IN_Q_OVERFLOW: events were lost; look at everything again.</summary>
    Overflow = EventConstants.IN_Q_OVERFLOW,

    /// <summary>IN_IGNORED: the watch has ended.</summary>
    Ended = EventConstants.IN_IGNORED,

    /// <summary>IN_ONLYDIR, when adding a watch.</summary>
    OnlyDirectory = EventConstants.IN_ONLYDIR,

    /// <summary>IN_ISDIR.</summary>
    IsDirectory = EventConstants.IN_ISDIR,
}
