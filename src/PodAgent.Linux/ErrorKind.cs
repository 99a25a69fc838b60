namespace PodAgent.Linux;

/// <summary>The closed set of reasons for which an operation of the agent fails. Each maps to one gRPC status code.</summary>
public enum ErrorKind
{
    /// <summary>A fault of the agent itself, or of the machine below it.</summary>
    Internal,

    /// <summary>The caller asked for something that can never work as written.</summary>
    InvalidArgument,

    /// <summary>The named thing does not exist.</summary>
    NotFound,

    /// <summary>The name, address or port is taken.</summary>
    AlreadyExists,

    /// <summary>Possible in principle, but not in the present state.</summary>
    FailedPrecondition,

    /// <summary>Space, addresses, processes or another quota is used up.</summary>
    ResourceExhausted,

    /// <summary>A peer cannot be reached now; trying again may help.</summary>
    Unavailable,

    /// <summary>The caller withdrew the operation; what it had done is rolled back.</summary>
    Cancelled,

    /// <summary>The time allowed for the operation ran out.</summary>
    DeadlineExceeded,

    /// <summary>The peer, or its credentials, may not do this.</summary>
    PermissionDenied,

    /// <summary>Known, but not offered by this version.</summary>
    Unimplemented,

    /// <summary>Stored or received data is torn, truncated or does not match its digest.</summary>
    DataLoss,
}
