using System.Net;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using PodAgent.Images.Content;
using PodAgent.Images.Manifests;
using PodAgent.Images.Registry;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Images.Registry.Transport;
using PodAgent.Linux;

namespace PodAgent.Images.Pulling;

/// <summary>
/// Fetches blobs into the content store:
/// 1. what an earlier attempt left is hashed and kept;
/// 2. the rest comes from the first endpoint that has it, over as many connections as it takes;
/// 3. never more is read than the blob is said to have;
/// 4. a wrong digest discards it: once for what was left, then once for each endpoint.
/// </summary>
internal sealed class BlobFetcher(ContentStore content, PartialBlobs partials, RegistryOptions options)
{
    private const int BufferSize = 256 * 1024;
    private readonly SemaphoreSlim _onNode = new(options.LayersOnNode, options.LayersOnNode);

    /// <summary>Fetches one.</summary>
    /// <exception cref="RegistryException">No endpoint gives it.</exception>
    public async Task FetchAsync(RegistrySession session, BlobDownload download, CancellationToken ct)
    {
        Descriptor descriptor = download.Descriptor;
        await _onNode.WaitAsync(ct).ConfigureAwait(false);
        session.Hold();
        try
        {
            if (content.Contains(descriptor.Digest))
            {
                download.Begin(new GrowingBlob(content.PathOf(descriptor.Digest), descriptor.Size));
                return;
            }

            var corrupt = new List<RegistryException>();
            var distrusted = new HashSet<EndpointConnection>();
            bool inherited;
            do
            {
                (RegistryException? wrong, inherited) = await AttemptAsync(session, download, distrusted, corrupt, ct).ConfigureAwait(false);
                if (wrong is null)
                {
                    return;
                }

                corrupt.Add(wrong);
            }
            while (inherited || session.With(EndpointCapabilities.Pull).Any(connection => !distrusted.Contains(connection)));

            throw corrupt[^1];
        }
        finally
        {
            session.Release();
            _onNode.Release();
        }
    }

    // The result is what is wrong with the content, and whether a part of it was there before.
    private async Task<(RegistryException? Wrong, bool Inherited)> AttemptAsync(
        RegistrySession session, BlobDownload download, HashSet<EndpointConnection> distrusted, List<RegistryException> corrupt, CancellationToken ct)
    {
        Descriptor descriptor = download.Descriptor;
        string path = partials.PathOf(descriptor.Digest);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string actual;
        bool inherited;
        GrowingBlob blob;
        EndpointConnection? source;
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            // 1.
            long offset = HashExisting(file, descriptor.Size, hash, ct);
            inherited = offset > 0;
            blob = new GrowingBlob(path, offset);
            download.Begin(blob);

            // 2. and 3.
            source = await ReceiveAsync(session, descriptor, file, blob, hash, distrusted, corrupt, ct).ConfigureAwait(false);
            actual = Sha256Digest.FromHash(hash.GetHashAndReset());
            if (actual == descriptor.Digest)
            {
                // Other layers arrive and are unpacked meanwhile.
                RandomAccess.FlushToDisk(file);
            }
        }

        if (actual == descriptor.Digest)
        {
            content.Adopt(descriptor.Digest, path);
            return (null, false);
        }

        // 4.
        var wrong = new RegistryException(
            ErrorKind.DataLoss, $"{source?.Endpoint.ToString() ?? "a part left by an earlier pull"}: blob {descriptor.Digest} has content with digest {actual}");
        blob.End(wrong);
        File.Delete(path);
        if (!inherited && source is not null)
        {
            distrusted.Add(source);
        }

        return (wrong, inherited);
    }

    private static long HashExisting(SafeFileHandle file, long size, IncrementalHash hash, CancellationToken ct)
    {
        long length = RandomAccess.GetLength(file);
        if (length > size)
        {
            RandomAccess.SetLength(file, 0);
            return 0;
        }

        byte[] buffer = new byte[BufferSize];
        long offset = 0;
        int count;
        while (offset < length && (count = RandomAccess.Read(file, buffer, offset)) > 0)
        {
            ct.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
            offset += count;
        }

        return offset;
    }

    private async Task<EndpointConnection?> ReceiveAsync(
        RegistrySession session, Descriptor descriptor, SafeFileHandle file, GrowingBlob blob, IncrementalHash hash,
        HashSet<EndpointConnection> distrusted, List<RegistryException> corrupt, CancellationToken ct)
    {
        if (blob.Length == descriptor.Size)
        {
            return null;
        }

        var failures = new List<RegistryException>(corrupt);
        foreach (EndpointConnection connection in session.With(EndpointCapabilities.Pull).Where(each => !distrusted.Contains(each)))
        {
            try
            {
                await ReceiveAsync(
                    offset => session.OpenBlobAsync(connection, descriptor.Digest, offset, ct), connection.Endpoint.ToString(), session, descriptor, file, blob, hash, ct)
                    .ConfigureAwait(false);
                return connection;
            }
            catch (RegistryException e)
            {
                ct.ThrowIfCancellationRequested();
                failures.Add(e);
            }
        }

        if (await ReceiveForeignAsync(session, descriptor, file, blob, hash, failures, ct).ConfigureAwait(false))
        {
            return null;
        }

        throw failures.Count == 1
            ? failures[0]
            : new RegistryException(failures.Count > 0 ? failures[^1].Kind : ErrorKind.FailedPrecondition, string.Join("; ", failures.Select(failure => failure.Message)));
    }

    // Layers that their owner does not let registries keep, such as those of Windows, say where they are. The place is the image's author's
    // choice: TLS only, and without anybody's credentials.
    private async Task<bool> ReceiveForeignAsync(
        RegistrySession session, Descriptor descriptor, SafeFileHandle file, GrowingBlob blob, IncrementalHash hash, List<RegistryException> failures, CancellationToken ct)
    {
        EndpointConnection? any = session.With(EndpointCapabilities.Pull).FirstOrDefault();
        foreach (string url in descriptor.Urls.Where(_ => any is not null && MediaTypes.IsForeign(descriptor.MediaType)))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? place) || place.Scheme != "https")
            {
                continue;
            }

            try
            {
                await ReceiveAsync(
                    async offset =>
                    {
                        HttpResponseMessage response = await any!.SendElsewhereAsync(
                            () =>
                            {
                                var request = new HttpRequestMessage(HttpMethod.Get, place);
                                request.Headers.Range = offset > 0 ? new System.Net.Http.Headers.RangeHeaderValue(offset, null) : null;
                                return request;
                            },
                            ct).ConfigureAwait(false);
                        return response.IsSuccessStatusCode ? response : throw await RegistryError.ReadAsync(response, place.Authority, ct).ConfigureAwait(false);
                    },
                    place.Authority, session, descriptor, file, blob, hash, ct).ConfigureAwait(false);
                return true;
            }
            catch (RegistryException e)
            {
                failures.Add(e);
            }
        }

        return false;
    }

    private async Task ReceiveAsync(
        Func<long, Task<HttpResponseMessage>> open, string who, RegistrySession session, Descriptor descriptor, SafeFileHandle file, GrowingBlob blob,
        IncrementalHash hash, CancellationToken ct)
    {
        int fruitless = 0;
        while (blob.Length < descriptor.Size)
        {
            long before = blob.Length;
            string problem;
            try
            {
                using HttpResponseMessage response = await open(before).ConfigureAwait(false);
                await CopyAsync(response, who, session.Time, descriptor, file, blob, hash, ct).ConfigureAwait(false);
                problem = "the connection ended early";
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                problem = e.Message;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                problem = $"less than {options.StallBytes} bytes in {options.StallTimeout.TotalSeconds:0} s";
            }

            // As long as each connection brings something, it goes on.
            fruitless = blob.Length > before ? 0 : fruitless + 1;
            if (fruitless >= options.Attempts)
            {
                throw new RegistryException(
                    ErrorKind.Unavailable, $"{who}: blob {descriptor.Digest} broke off {fruitless} times at byte {before} of {descriptor.Size}: {problem}");
            }

            if (blob.Length < descriptor.Size)
            {
                await Task.Delay(options.RetryDelay * Math.Pow(2, fruitless), session.Time, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task CopyAsync(
        HttpResponseMessage response, string who, TimeProvider time, Descriptor descriptor, SafeFileHandle file, GrowingBlob blob, IncrementalHash hash,
        CancellationToken ct)
    {
        long skip = SkipOf(response, who, descriptor, blob.Length);
        using var stall = new CancellationTokenSource(options.StallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, stall.Token);
        await using Stream body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
        byte[] buffer = new byte[BufferSize];
        long window = 0;
        while (blob.Length < descriptor.Size)
        {
            int wanted = (int)Math.Min(buffer.Length, skip > 0 ? skip : descriptor.Size - blob.Length);
            int count = await body.ReadAsync(buffer.AsMemory(0, wanted), either.Token).ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            window += count;
            if (window >= options.StallBytes)
            {
                window = 0;
                stall.CancelAfter(options.StallTimeout);
            }

            if (skip > 0)
            {
                skip -= count;
                continue;
            }

            hash.AppendData(buffer, 0, count);
            RandomAccess.Write(file, buffer.AsSpan(0, count), blob.Length);
            blob.Advance(count);
        }
    }

    // Bytes to read past: a registry that knows no ranges begins anew.
    private static long SkipOf(HttpResponseMessage response, string who, Descriptor descriptor, long offset)
    {
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new RegistryException(ErrorKind.DataLoss, $"{who}: blob {descriptor.Digest} ends before byte {offset} of {descriptor.Size}");
        }

        bool partial = response.StatusCode == HttpStatusCode.PartialContent;
        if (partial && response.Content.Headers.ContentRange?.From != offset)
        {
            throw new RegistryException(
                ErrorKind.DataLoss, $"{who}: asked for blob {descriptor.Digest} from byte {offset}, got {response.Content.Headers.ContentRange?.ToString() ?? "something else"}");
        }

        long expected = partial ? descriptor.Size - offset : descriptor.Size;
        return response.Content.Headers.ContentLength is { } length && length != expected
            ? throw new RegistryException(ErrorKind.DataLoss, $"{who}: blob {descriptor.Digest} has {length + descriptor.Size - expected} bytes, expected {descriptor.Size}")
            : partial ? 0 : offset;
    }
}
