using PodAgent.Pods.Status;

namespace PodAgent.Pods.Images;

/// <summary>Whether a container's image can be used now.</summary>
/// <param name="Image">The image; null when it is not there.</param>
/// <param name="Issue">Why not; null while it is being pulled.</param>
/// <param name="RetryAt">When another try makes sense.</param>
internal sealed record ImageState(Cri.Image? Image, ContainerIssue? Issue = null, DateTimeOffset? RetryAt = null);
