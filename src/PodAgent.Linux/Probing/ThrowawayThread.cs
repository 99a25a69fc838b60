using System.Runtime.ExceptionServices;

namespace PodAgent.Linux.Probing;

/// <summary>
/// Runs work on a thread that nothing else ever runs on. Namespaces belong to threads: what the work unshares, and what it makes inside,
/// ends with the thread.
/// </summary>
internal static class ThrowawayThread
{
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true, Name = "probe" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
