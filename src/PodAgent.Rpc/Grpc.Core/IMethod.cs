namespace Grpc.Core;

/// <summary>What is known about a method without its message types.</summary>
public interface IMethod
{
    /// <summary>The kind of call.</summary>
    MethodType Type { get; }

    /// <summary>The service with its package, for example <c>runtime.v1.RuntimeService</c>.</summary>
    string ServiceName { get; }

    /// <summary>The method, for example <c>Version</c>.</summary>
    string Name { get; }

    /// <summary>The path of the HTTP/2 request, for example <c>/runtime.v1.RuntimeService/Version</c>.</summary>
    string FullName { get; }
}
