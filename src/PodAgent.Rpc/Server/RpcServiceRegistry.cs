using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace PodAgent.Rpc.Server;

/// <summary>The services of a process: what the network endpoint, the in-process invoker and reflection look into.</summary>
public sealed class RpcServiceRegistry
{
    private ImmutableDictionary<string, RpcHandler> _handlers = ImmutableDictionary.Create<string, RpcHandler>(StringComparer.Ordinal);
    private ImmutableList<Lazy<FileDescriptor>> _files = [];

    /// <summary>The full names of the services, sorted.</summary>
    public IReadOnlyList<string> ServiceNames =>
        [.. Volatile.Read(ref _handlers).Values.Select(handler => handler.Method.ServiceName).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The files that define the services, and their imports.</summary>
    internal IEnumerable<FileDescriptor> Files
    {
        get
        {
            Dictionary<string, FileDescriptor> files = new(StringComparer.Ordinal);
            Volatile.Read(ref _files).ForEach(file => AddFile(file.Value, files));
            return files.Values;
        }
    }

    /// <summary>Adds the methods of a service. Calls that are running are not disturbed.</summary>
    /// <param name="definition">What the generated <c>BindService</c> returns.</param>
    /// <param name="descriptor">
    /// Finds the file that defines the service, for reflection; its imports come along. Asked when a client asks for the first time, since
    /// descriptors are large and most processes are never asked.
    /// </param>
    /// <exception cref="ArgumentException">A method of this name is there already.</exception>
    public void Add(ServerServiceDefinition definition, Func<FileDescriptor>? descriptor = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ImmutableInterlocked.Update(
            ref _handlers,
            static (handlers, added) =>
            {
                RpcHandler? twice = added.FirstOrDefault(handler => handlers.ContainsKey(handler.Method.FullName));
                return twice is null
                    ? handlers.AddRange(added.Select(handler => KeyValuePair.Create(handler.Method.FullName, handler)))
                    : throw new ArgumentException($"the method \"{twice.Method.FullName}\" is registered already");
            },
            definition.Handlers);
        if (descriptor is not null)
        {
            ImmutableInterlocked.Update(ref _files, static (files, added) => files.Add(added), new Lazy<FileDescriptor>(descriptor));
        }
    }

    /// <summary>Adds server reflection in both published versions (v1 and v1alpha).</summary>
    public void AddReflection()
    {
        var reflection = new ReflectionService(this);
        Add(reflection.Definition, () => ReflectionService.Descriptor);
        Add(reflection.AlphaDefinition, () => ReflectionService.AlphaDescriptor);
    }

    internal bool TryGet(string path, [NotNullWhen(true)] out RpcHandler? handler) =>
        Volatile.Read(ref _handlers).TryGetValue(path, out handler);

    private static void AddFile(FileDescriptor file, Dictionary<string, FileDescriptor> files)
    {
        if (files.TryAdd(file.Name, file))
        {
            foreach (FileDescriptor dependency in file.Dependencies)
            {
                AddFile(dependency, files);
            }
        }
    }
}
