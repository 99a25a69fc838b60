namespace PodAgent.Images.Pulling;

/// <summary>A blob that is being read will not become whole; the download itself tells why.</summary>
internal sealed class BlobInterruptedException(Exception cause) : Exception(cause.Message, cause);
