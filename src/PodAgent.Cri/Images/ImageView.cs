using PodAgent.Api.Cri;
using PodAgent.Images;

namespace PodAgent.Cri.Images;

/// <summary>An image in CRI's message: the same bytes whichever name it was asked for by.</summary>
internal static class ImageView
{
    public static Image ToImage(ImageRecord record)
    {
        var image = new Image
        {
            Id = record.Id,
            RepoTags = { record.RepoTags.Order(StringComparer.Ordinal) },
            RepoDigests = { record.RepoDigests.Order(StringComparer.Ordinal) },
            Size = (ulong)record.Size,
            Pinned = record.Pinned,
        };
        string user = record.Config.User.Split(':')[0];

        // Clients decide about runAsNonRoot from these (CVE-2024-40635: a number that does not fit is no number).
        if (user.Length > 0 && uint.TryParse(user, out uint uid) && uid <= int.MaxValue)
        {
            image.Uid = new Int64Value { Value = uid };
        }
        else if (user.Length > 0)
        {
            image.Username = user;
        }
        else
        {
            image.Uid = new Int64Value { Value = 0 };
        }

        return image;
    }
}
