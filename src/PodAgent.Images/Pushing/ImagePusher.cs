using System.Net.Http.Headers;
using PodAgent.Images.Content;
using PodAgent.Images.Manifests;
using PodAgent.Images.References;
using PodAgent.Images.Registry;
using PodAgent.Images.Registry.Authentication;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Images.Registry.Transport;
using PodAgent.Linux;

namespace PodAgent.Images.Pushing;

/// <summary>
/// Pushes images: blobs first, then the manifest that names them, byte for byte as they are stored, so that the digest stays. Of an image that
/// came with an index only the manifest for this host is here, and only that is pushed.
/// </summary>
internal sealed class ImagePusher(ImageStoreOptions options, ContentStore content)
{
    /// <summary>Pushes one; gives the digest of the manifest.</summary>
    public async Task<string> PushAsync(PushRequest request, ImageRecord image, CancellationToken ct)
    {
        ImageReference name = ImageReference.Parse(request.Target ?? request.Reference).WithDefaultTag();
        if (name.Digest is not null)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"\"{name}\" names a digest; a push needs a tag");
        }

        RegistrySession session = RegistrySession.Open(
            name,
            request.Credential,
            request.AuthFile.IsEmpty ? [] : [AuthFile.Parse(request.AuthFile, "given with the request")],
            options.Registry,
            options.TimeProvider);
        try
        {
            EndpointConnection connection = session.With(EndpointCapabilities.Push).FirstOrDefault()
                ?? throw new RegistryException(ErrorKind.FailedPrecondition, $"hosts.toml of {name.Domain} has no host that may be pushed to");
            byte[] document = content.Read(image.ManifestDigest, options.Limits.MaxManifestSize);
            ImageManifest manifest = ImageManifest.Parse(document, options.Limits, $"manifest {image.ManifestDigest}");
            Descriptor[] blobs = [.. manifest.Layers.Where(layer => layer.Urls.Count == 0).Append(manifest.Config).DistinctBy(blob => blob.Digest)];
            BlobUpload[] uploads = [.. blobs.Select(blob => new BlobUpload(content, session, connection, blob))];
            request.Progress?.Begin(() => [.. uploads.Select(upload => upload.Status())]);
            string[] neighbours = [.. Neighbours(image, name)];
            await Parallel.ForEachAsync(
                uploads,
                new ParallelOptions { MaxDegreeOfParallelism = options.Registry.LayersPerTransfer, CancellationToken = ct },
                async (upload, cancel) => await upload.RunAsync(neighbours, cancel).ConfigureAwait(false)).ConfigureAwait(false);
            await PutManifestAsync(session, connection, document, ct).ConfigureAwait(false);
            return image.ManifestDigest;
        }
        finally
        {
            session.Release();
        }
    }

    private static IEnumerable<string> Neighbours(ImageRecord image, ImageReference name) => image.RepoTags.Concat(image.RepoDigests)
        .Select(ImageReference.Parse)
        .Where(other => other.Domain == name.Domain && other.Path != name.Path)
        .Select(other => other.Path)
        .Distinct();

    private static async Task PutManifestAsync(RegistrySession session, EndpointConnection connection, byte[] document, CancellationToken ct)
    {
        string type = ManifestDocument.TypeOf(document, "", "the manifest");
        using HttpResponseMessage response = await connection.SendAsync(
            HttpMethod.Put,
            () => connection.UriOf($"{session.Name.Path}/manifests/{session.Name.Tag}"),
            session.PushScope,
            request =>
            {
                request.Content = new ByteArrayContent(document);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            },
            ct).ConfigureAwait(false);
        await session.CheckAsync(response, connection, ct).ConfigureAwait(false);
    }
}
