using System.Text;

namespace PodAgent.Streaming.Tests.Support;

/// <summary>Waiting that ends: a test that hangs says where.</summary>
internal static class Limited
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    public static Task Within(this Task task) => task.WaitAsync(s_limit);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(s_limit);

    public static async Task<byte[]> ReadToEndAsync(this Stream stream)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[8192];
        int count;
        while ((count = await stream.ReadAsync(buffer).AsTask().Within()) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    public static async Task<string> ReadTextAsync(this Stream stream) => Encoding.UTF8.GetString(await stream.ReadToEndAsync());

    public static async Task<byte[]> ReadAsync(this Stream stream, int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes).AsTask().Within();
        return bytes;
    }

    public static ValueTask SendAsync(this Stream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text));
}
