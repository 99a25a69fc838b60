using System.Net;
using PodAgent.Images.Archives;
using PodAgent.Images.Content;
using PodAgent.Images.Manifests;
using PodAgent.Images.Registry;
using PodAgent.Images.Registry.Transport;
using PodAgent.Images.Transfers;
using PodAgent.Linux;

namespace PodAgent.Images.Pushing;

/// <summary>
/// Brings one blob to a registry (distribution specification, "Pushing Blobs"): 1. is it there? 2. can it be taken over from another repository of
/// that registry? 3. otherwise it is sent, as it was pulled, and 4. the registry checks its digest.
/// </summary>
internal sealed class BlobUpload(ContentStore content, RegistrySession session, EndpointConnection connection, Descriptor descriptor)
{
    private CountingStream? _sending;

    public LayerState State { get; private set; }

    public LayerStatus Status() => new(
        descriptor.Digest, descriptor.Size, State is LayerState.Done or LayerState.Present ? descriptor.Size : _sending?.Count ?? 0, State);

    /// <summary>Brings it there.</summary>
    /// <param name="neighbours">Other repositories of the registry that may have it.</param>
    /// <param name="ct">Gives it up.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async Task RunAsync(IReadOnlyList<string> neighbours, CancellationToken ct)
    {
        State = LayerState.Transferring;

        // 1.
        if (await IsThereAsync(ct).ConfigureAwait(false))
        {
            State = LayerState.Present;
            return;
        }

        // 2.
        string uploads = $"{session.Name.Path}/blobs/uploads/";
        Uri? place = null;
        foreach (string neighbour in neighbours)
        {
            place = await BeginAsync($"{uploads}?mount={Uri.EscapeDataString(descriptor.Digest)}&from={Uri.EscapeDataString(neighbour)}", ct).ConfigureAwait(false);
            if (place is null)
            {
                State = LayerState.Present;
                return;
            }

            // A refused mount has opened an upload: that will do.
            break;
        }

        // 3.
        place ??= await BeginAsync(uploads, ct).ConfigureAwait(false);
        if (place is null)
        {
            State = LayerState.Present;
            return;
        }

        using HttpResponseMessage sent = await SendAsync(
            HttpMethod.Patch,
            place,
            request =>
            {
                _sending = new CountingStream(content.Open(descriptor.Digest));
                request.Content = new StreamContent(_sending);
                request.Content.Headers.ContentLength = descriptor.Size;
                request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
            },
            ct).ConfigureAwait(false);
        await session.CheckAsync(sent, connection, ct).ConfigureAwait(false);

        // 4.
        Uri end = Location(sent) ?? place;
        string digest = "digest=" + Uri.EscapeDataString(descriptor.Digest);
        var complete = new Uri(end.AbsoluteUri + (end.Query.Length > 1 ? "&" : "?") + digest);
        using HttpResponseMessage stored = await SendAsync(
            HttpMethod.Put, complete, request => request.Content = new ByteArrayContent([]), ct).ConfigureAwait(false);
        await session.CheckAsync(stored, connection, ct).ConfigureAwait(false);
        State = LayerState.Done;
    }

    private async Task<bool> IsThereAsync(CancellationToken ct)
    {
        using HttpResponseMessage response = await connection.SendAsync(
            HttpMethod.Head, () => connection.UriOf($"{session.Name.Path}/blobs/{descriptor.Digest}"), session.PushScope, null, ct).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    // Null: the blob has been taken over.
    private async Task<Uri?> BeginAsync(string path, CancellationToken ct)
    {
        using HttpResponseMessage response = await connection.SendAsync(
            HttpMethod.Post, () => connection.UriOf(path), session.PushScope, request => request.Content = new ByteArrayContent([]), ct).ConfigureAwait(false);
        await session.CheckAsync(response, connection, ct).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.Created
            ? null
            : Location(response) ?? throw new RegistryException(ErrorKind.Unavailable, $"{connection.Endpoint} does not say where to send blob {descriptor.Digest}");
    }

    private static Uri? Location(HttpResponseMessage response) =>
        response.Headers.Location is { } location ? new Uri(response.RequestMessage!.RequestUri!, location) : null;

    // A registry may have its uploads elsewhere; the credentials stay here.
    private Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri place, Action<HttpRequestMessage> prepare, CancellationToken ct)
    {
        Uri own = connection.UriOf("");
        return place.Scheme == own.Scheme && place.Authority == own.Authority
            ? connection.SendAsync(method, () => place, session.PushScope, prepare, ct)
            : connection.SendElsewhereAsync(
                () =>
                {
                    var request = new HttpRequestMessage(method, place);
                    prepare(request);
                    return request;
                },
                ct);
    }
}
