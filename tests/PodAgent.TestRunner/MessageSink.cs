using Xunit;
using Xunit.Abstractions;

namespace PodAgent.TestRunner;

/// <summary>Hands the test framework's messages on, one at a time, and tells when the last has come.</summary>
internal sealed class MessageSink(Action<IMessageSinkMessage> note) : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private readonly Lock _one = new();

    public ManualResetEvent Finished { get; } = new(initialState: false);

    public bool OnMessage(IMessageSinkMessage message)
    {
        lock (_one)
        {
            note(message);
        }

        if (message is IDiscoveryCompleteMessage or ITestAssemblyFinished)
        {
            Finished.Set();
        }

        // Go on.
        return true;
    }

    public void Dispose() => Finished.Dispose();
}
