using PodAgent.Rpc.Server;

namespace Grpc.Core;

/// <summary>The methods of a service, each with its handler.</summary>
/// <remarks>
/// Handlers are made where the types are known at compile time. Offering them to a <see cref="ServiceBinderBase"/>, a virtual method with type
/// parameters, lets natively compiled programs build each combination of types when they start: a third of an agent's start.
/// </remarks>
public class ServerServiceDefinition
{
    private ServerServiceDefinition(IReadOnlyList<RpcHandler> handlers) => Handlers = handlers;

    internal IReadOnlyList<RpcHandler> Handlers { get; }

    /// <summary>Starts an empty definition.</summary>
    public static Builder CreateBuilder() => new();

    /// <summary>Collects methods.</summary>
    public class Builder
    {
        private readonly List<RpcHandler> _handlers = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        /// <summary>Adds a method with one request and one response.</summary>
        /// <exception cref="ArgumentException">A method of this name was added before.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(new UnaryHandler<TRequest, TResponse>(method, Check(method, handler)));

        /// <summary>Adds a method with many requests and one response.</summary>
        /// <exception cref="ArgumentException">A method of this name was added before.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(new ClientStreamingHandler<TRequest, TResponse>(method, Check(method, handler)));

        /// <summary>Adds a method with one request and many responses.</summary>
        /// <exception cref="ArgumentException">A method of this name was added before.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(new ServerStreamingHandler<TRequest, TResponse>(method, Check(method, handler)));

        /// <summary>Adds a method with many requests and many responses.</summary>
        /// <exception cref="ArgumentException">A method of this name was added before.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(new DuplexStreamingHandler<TRequest, TResponse>(method, Check(method, handler)));

        /// <summary>The finished definition.</summary>
        public ServerServiceDefinition Build() => new([.. _handlers]);

        private static T Check<T>(IMethod method, T? handler)
            where T : class =>
            handler ?? throw new ArgumentException($"the method \"{method.FullName}\" has no handler", nameof(handler));

        private Builder Add(RpcHandler handler)
        {
            if (!_names.Add(handler.Method.FullName))
            {
                throw new ArgumentException($"the method \"{handler.Method.FullName}\" was added before", nameof(handler));
            }

            _handlers.Add(handler);
            return this;
        }
    }
}
