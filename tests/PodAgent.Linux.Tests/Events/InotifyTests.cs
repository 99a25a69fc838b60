using PodAgent.Linux.Events;

namespace PodAgent.Linux.Tests.Events;

public sealed class InotifyTests
{
    [Fact]
    public void Read_ChangesInADirectory_AreTheirNames()
    {
        string directory = Directory.CreateTempSubdirectory("podagent-inotify-").FullName;
        try
        {
            using var inotify = new Inotify();
            int watch = inotify.Add(directory, FileEvents.Created | FileEvents.Written | FileEvents.MovedTo);
            var events = new List<FileEvent>();
            Assert.False(inotify.Read(events));
            Assert.False(inotify.Wait(0));

            File.WriteAllText(Path.Combine(directory, "a"), "x");
            File.Move(Path.Combine(directory, "a"), Path.Combine(directory, "much-longer-name"));
            Assert.True(inotify.Wait(5000));
            Assert.True(inotify.Read(events));

            Assert.All(events, each => Assert.Equal(watch, each.Watch));
            Assert.Contains(events, static each => each is { Name: "a", Events: FileEvents.Written });
            Assert.Contains(events, static each => each is { Name: "much-longer-name", Events: FileEvents.MovedTo });
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
