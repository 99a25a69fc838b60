using PodAgent.Linux;

namespace PodAgent.Images.Registry.Transport;

/// <summary>Reads small answers, whose size the other side chooses.</summary>
internal static class BoundedBody
{
    /// <summary>The whole body.</summary>
    /// <exception cref="RegistryException">ResourceExhausted: it is larger than <paramref name="maxSize"/>; Unavailable: it breaks off.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxSize, string what, CancellationToken ct)
    {
        if (response.Content.Headers.ContentLength > maxSize)
        {
            throw TooLarge(what, maxSize);
        }

        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            var content = new MemoryStream();
            byte[] buffer = new byte[16 * 1024];
            int count;
            while ((count = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
            {
                content.Write(buffer, 0, count);
                if (content.Length > maxSize)
                {
                    throw TooLarge(what, maxSize);
                }
            }

            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new RegistryException(ErrorKind.Unavailable, $"{what} breaks off: {e.Message}", e);
        }
    }

    private static RegistryException TooLarge(string what, int maxSize) => new(ErrorKind.ResourceExhausted, $"{what} is larger than {maxSize} bytes");
}
