using PodAgent.Api.V1;
using PodAgent.Cri.Stores;
using PodAgent.Images;
using PodAgent.Linux;

namespace PodAgent.Cri.Images;

/// <summary>Removal as people mean it: one name at a time, and nothing that is in use without being told twice.</summary>
internal sealed class ImageRemoval(CriContext runtime)
{
    public async Task<UntagImageResponse> UntagAsync(string reference, bool force, CancellationToken cancellationToken)
    {
        UntagResult result = await runtime.Ports.Images.UntagAsync(
            reference,
            image =>
            {
                if (!force)
                {
                    Check(image, reference);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return new UntagImageResponse { Untagged = { result.Names }, DeletedId = result.RemovedId ?? "" };
    }

    public async Task<PruneImagesResponse> PruneAsync(bool all, CancellationToken cancellationToken)
    {
        ulong before = runtime.Ports.Images.Usage().Bytes;
        HashSet<string> used = UsedImages();
        var response = new PruneImagesResponse();
        ImageRecord[] unused =
            [.. runtime.Ports.Images.List().Where(image => !image.Pinned && !used.Contains(image.Id) && (all || image.RepoTags.Count == 0))];
        foreach (ImageRecord image in unused)
        {
            try
            {
                UntagResult result = await runtime.Ports.Images.UntagAsync(image.Id, still => Check(still, image.Id, byNames: true), cancellationToken)
                    .ConfigureAwait(false);
                response.Removed.Add(new UntagImageResponse { Untagged = { result.Names }, DeletedId = result.RemovedId ?? "" });
            }
            catch (AgentException passed) when (passed.Kind is ErrorKind.NotFound or ErrorKind.FailedPrecondition)
            {
                // Somebody else has removed it, or a container has been made from it, since the list was made.
            }
        }

        ulong after = runtime.Ports.Images.Usage().Bytes;
        response.ReclaimedBytes = before > after ? (long)(before - after) : 0;
        return response;
    }

    private HashSet<string> UsedImages() => [.. runtime.Containers.Entries.Select(entry => entry.Record.ImageId)];

    private void Check(ImageRecord image, string reference, bool byNames = false)
    {
        if (runtime.Containers.Entries.FirstOrDefault(entry => entry.Record.ImageId == image.Id) is { } user)
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition,
                $"image \"{reference}\" is in use by container \"{user.Record.Name}\" ({user.Record.Id[..Math.Min(13, user.Record.Id.Length)]}) of pod "
                + $"\"{PodOf(user.Record)}\"; --force removes it all the same");
        }

        if (!byNames && image.RepoTags.Count > 1)
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition, $"image \"{reference}\" has several names: {string.Join(", ", image.RepoTags)}; --force removes them all");
        }
    }

    private string PodOf(ContainerRecord container) =>
        runtime.Sandboxes.Entries.FirstOrDefault(entry => entry.Record.Id == container.SandboxId)?.Record.PodName ?? container.SandboxId;
}
