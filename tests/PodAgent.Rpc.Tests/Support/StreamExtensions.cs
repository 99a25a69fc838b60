namespace PodAgent.Rpc.Tests.Support;

internal static class StreamExtensions
{
    public static async Task<int> CountMessagesAsync<T>(this IAsyncEnumerable<T> messages)
    {
        int count = 0;
        await foreach (T message in messages)
        {
            count++;
        }

        return count;
    }
}
