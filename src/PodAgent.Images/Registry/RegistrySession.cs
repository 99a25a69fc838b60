using System.Net;
using System.Net.Http.Headers;
using PodAgent.Images.Manifests;
using PodAgent.Images.References;
using PodAgent.Images.Registry.Authentication;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Images.Registry.Transport;
using PodAgent.Linux;

namespace PodAgent.Images.Registry;

/// <summary>
/// One transfer's view of a repository: its endpoints in order, with connections and tokens of its own, so that nothing of one caller's rights
/// passes to another. Lives as long as somebody holds it.
/// </summary>
internal sealed class RegistrySession
{
    private static readonly string[] s_accepted = [MediaTypes.OciIndex, MediaTypes.DockerList, MediaTypes.OciManifest, MediaTypes.DockerManifest];
    private readonly RegistryOptions _options;
    private readonly IReadOnlyList<EndpointConnection> _connections;
    private readonly bool _hasForeignHelpers;
    private int _holders = 1;

    private RegistrySession(ImageReference name, RegistryOptions options, TimeProvider time, IReadOnlyList<EndpointConnection> connections, bool hasForeignHelpers)
    {
        Name = name;
        Time = time;
        _options = options;
        _connections = connections;
        _hasForeignHelpers = hasForeignHelpers;
    }

    public ImageReference Name { get; }

    public TimeProvider Time { get; }

    public string PullScope => $"repository:{Name.Path}:pull";

    public string PushScope => $"repository:{Name.Path}:pull,push";

    /// <summary>Opens a session; nothing is sent yet.</summary>
    /// <param name="name">The image.</param>
    /// <param name="given">Credential that came with the request; null: none.</param>
    /// <param name="files">Credential files that came with the request; they go before the node's.</param>
    /// <param name="options">The node's settings.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="AgentException">FailedPrecondition: the node's settings for this registry are malformed.</exception>
    /// <exception cref="RegistryException">A certificate cannot be used.</exception>
    public static RegistrySession Open(
        ImageReference name, RegistryCredential? given, IReadOnlyList<AuthFile> files, RegistryOptions options, TimeProvider time)
    {
        IReadOnlyList<RegistryEndpoint> endpoints = RegistryEndpoints.For(name, options.HostsDirectories);
        var credentials = new CredentialSource(name, given, [.. files, .. options.AuthFiles.Select(AuthFile.TryRead).OfType<AuthFile>()], options.HelperPath);
        var connections = new List<EndpointConnection>();
        try
        {
            foreach (RegistryEndpoint endpoint in endpoints)
            {
                connections.Add(new EndpointConnection(endpoint, credentials.For(endpoint), options, time));
            }
        }
        catch
        {
            connections.ForEach(connection => connection.Dispose());
            throw;
        }

        return new RegistrySession(name, options, time, connections, credentials.HasForeignHelpers);
    }

    /// <summary>One more holder; each calls <see cref="Release"/>.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>The last one closes the connections.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            foreach (EndpointConnection connection in _connections)
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>The endpoints that may be asked for something, in order; those that do not answer are left out as long as there is another.</summary>
    public IReadOnlyList<EndpointConnection> With(EndpointCapabilities capability)
    {
        EndpointConnection[] able = [.. _connections.Where(connection => connection.Endpoint.Capabilities.HasFlag(capability))];
        EndpointConnection[] answering = [.. able.Where(connection => !connection.IsDown)];
        return answering.Length > 0 ? answering : able;
    }

    /// <summary>The digest that a tag has now, as a registry tells without sending the manifest; null when it does not tell.</summary>
    public async Task<string?> TryResolveAsync(string tag, CancellationToken ct)
    {
        foreach (EndpointConnection connection in With(EndpointCapabilities.Resolve))
        {
            try
            {
                using HttpResponseMessage response = await connection.SendAsync(
                    HttpMethod.Head, () => connection.UriOf($"{Name.Path}/manifests/{tag}"), PullScope, Accept, ct).ConfigureAwait(false);
                string? digest = response.IsSuccessStatusCode && response.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values)
                    ? values.FirstOrDefault()
                    : null;
                if (digest is not null)
                {
                    return digest;
                }
            }
            catch (RegistryException)
            {
                // The full request that follows says what is wrong.
            }
        }

        return null;
    }

    /// <summary>Fetches a manifest or an index by tag or digest.</summary>
    /// <param name="reference">Tag or digest.</param>
    /// <param name="maxSize">Bytes.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="RegistryException">No endpoint has it; all their reasons.</exception>
    public Task<FetchedManifest> GetManifestAsync(string reference, int maxSize, CancellationToken ct)
    {
        bool byDigest = reference.StartsWith(Sha256Digest.Prefix, StringComparison.Ordinal);
        return TryEachAsync(
            byDigest ? EndpointCapabilities.Pull : EndpointCapabilities.Resolve,
            async connection =>
            {
                using HttpResponseMessage response = await connection.SendAsync(
                    HttpMethod.Get, () => connection.UriOf($"{Name.Path}/manifests/{reference}"), PullScope, Accept, ct).ConfigureAwait(false);
                await CheckAsync(response, connection, ct).ConfigureAwait(false);
                byte[] content = await BoundedBody.ReadAsync(response, maxSize, $"{connection.Endpoint}: the manifest", ct).ConfigureAwait(false);
                string digest = Sha256Digest.Of(content);
                string? stated = byDigest ? reference
                    : response.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
                if (stated is not null && stated.StartsWith(Sha256Digest.Prefix, StringComparison.Ordinal) && stated != digest)
                {
                    throw new RegistryException(ErrorKind.DataLoss, $"{connection.Endpoint}: the manifest has digest {digest}, expected {stated}");
                }

                return new FetchedManifest(response.Content.Headers.ContentType?.MediaType ?? "", content, digest);
            },
            ct);
    }

    /// <summary>Fetches a small blob, verified.</summary>
    /// <exception cref="RegistryException">As for <see cref="GetManifestAsync"/>.</exception>
    public Task<byte[]> GetBlobAsync(Descriptor descriptor, CancellationToken ct) => TryEachAsync(
        EndpointCapabilities.Pull,
        async connection =>
        {
            using HttpResponseMessage response = await OpenBlobAsync(connection, descriptor.Digest, 0, ct).ConfigureAwait(false);
            byte[] content = await BoundedBody.ReadAsync(response, (int)descriptor.Size, $"{connection.Endpoint}: blob {descriptor.Digest}", ct).ConfigureAwait(false);
            string digest = Sha256Digest.Of(content);
            return digest == descriptor.Digest
                ? content
                : throw new RegistryException(ErrorKind.DataLoss, $"{connection.Endpoint}: blob {descriptor.Digest} has {content.Length} bytes with digest {digest}");
        },
        ct);

    /// <summary>Begins to fetch a blob from an endpoint.</summary>
    /// <returns>An answer of 200 or 206.</returns>
    /// <exception cref="RegistryException">The endpoint refuses.</exception>
    public async Task<HttpResponseMessage> OpenBlobAsync(EndpointConnection connection, string digest, long offset, CancellationToken ct)
    {
        HttpResponseMessage response = await connection.SendAsync(
            HttpMethod.Get,
            () => connection.UriOf($"{Name.Path}/blobs/{digest}"),
            PullScope,
            request => request.Headers.Range = offset > 0 ? new RangeHeaderValue(offset, null) : null,
            ct).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return response;
        }

        try
        {
            await CheckAsync(response, connection, ct).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Throws for an answer that is no success.</summary>
    /// <exception cref="RegistryException">What the registry says.</exception>
    public async Task CheckAsync(HttpResponseMessage response, EndpointConnection connection, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        RegistryException refusal = await RegistryError.ReadAsync(response, connection.Endpoint.ToString(), ct).ConfigureAwait(false);
        throw refusal.Kind == ErrorKind.PermissionDenied && _hasForeignHelpers
            ? new RegistryException(refusal.Kind, refusal.Message + " (credential helpers named in the request's credential file are not run)", refusal) { Status = refusal.Status }
            : refusal;
    }

    /// <summary>Asks one endpoint after the other until one has an answer.</summary>
    /// <exception cref="RegistryException">None has; the kind is that of the last one, the registry itself.</exception>
    public async Task<T> TryEachAsync<T>(EndpointCapabilities capability, Func<EndpointConnection, Task<T>> ask, CancellationToken ct)
    {
        var failures = new List<RegistryException>();
        foreach (EndpointConnection connection in With(capability))
        {
            try
            {
                return await ask(connection).ConfigureAwait(false);
            }
            catch (RegistryException e)
            {
                ct.ThrowIfCancellationRequested();
                failures.Add(e);
            }
        }

        throw failures.Count switch
        {
            0 => new RegistryException(ErrorKind.FailedPrecondition, $"hosts.toml of {Name.Domain} has no host that may {capability.ToString().ToLowerInvariant()}"),
            1 => failures[0],
            _ => new RegistryException(failures[^1].Kind, string.Join("; ", failures.Select(failure => failure.Message)), failures[^1]) { Status = failures[^1].Status },
        };
    }

    private static void Accept(HttpRequestMessage request)
    {
        foreach (string type in s_accepted)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }
    }
}
