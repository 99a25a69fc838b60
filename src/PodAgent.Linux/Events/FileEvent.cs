namespace PodAgent.Linux.Events;

/// <summary>One record of inotify(7).</summary>
/// <param name="Watch">The number that <see cref="Inotify.Add"/> returned; -1 for an overflow.</param>
/// <param name="Events">What happened.</param>
/// <param name="Cookie">Connects the two halves of a rename.</param>
/// <param name="Name">The entry of a watched directory; empty when the watched file itself is meant.</param>
public readonly record struct FileEvent(int Watch, FileEvents Events, uint Cookie, string Name);
