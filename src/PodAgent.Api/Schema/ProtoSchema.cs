using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace PodAgent.Api.Schema;

/// <summary>
/// The schema of all messages and services, as data: the protoc descriptor set of <c>protos/</c>, embedded when this assembly is built. The
/// descriptors of generated classes look the properties of every class up by reflection as soon as one of them is touched, which costs ten
/// megabytes; these know nothing of classes.
/// </summary>
public static class ProtoSchema
{
    private const string Resource = "schema.binpb";
    private const uint FileTag = (1 << 3) | (uint)WireFormat.WireType.LengthDelimited;

    private static readonly Lazy<IReadOnlyList<FileDescriptor>> s_files = new(LoadFiles);

    private static readonly Lazy<FrozenDictionary<string, MessageDescriptor>> s_messages = new(() =>
        s_files.Value.SelectMany(file => file.MessageTypes).ToFrozenDictionary(message => message.FullName, StringComparer.Ordinal));

    private static readonly Lazy<FrozenDictionary<string, MessageDescriptor>> s_byClass = new(() =>
        s_files.Value.SelectMany(file => file.MessageTypes).ToFrozenDictionary(ClassName, StringComparer.Ordinal));

    /// <summary>Reads the schema now, so that the first object need not wait for it.</summary>
    public static void Load() => _ = s_byClass.Value;

    /// <summary>Finds a top-level message.</summary>
    /// <param name="fullName">Its full name, as in <c>k8s.io.api.core.v1.Pod</c>.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static MessageDescriptor Message(string fullName) => s_messages.Value.TryGetValue(fullName, out MessageDescriptor? found)
        ? found
        : throw new ArgumentException($"there is no message \"{fullName}\"");

    /// <summary>The file that declares a service, for server reflection.</summary>
    /// <param name="fullName">The service's full name, as in <c>runtime.v1.RuntimeService</c>.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static FileDescriptor FileOfService(string fullName) =>
        s_files.Value.FirstOrDefault(file => file.Services.Any(service => service.FullName == fullName))
        ?? throw new ArgumentException($"there is no service \"{fullName}\"");

    /// <summary>The type of a message of a generated class.</summary>
    /// <param name="message">Of a top-level class.</param>
    /// <exception cref="ArgumentException">The class is not of the schema.</exception>
    public static MessageDescriptor Of(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        string name = message.GetType().FullName!;
        return s_byClass.Value.TryGetValue(name, out MessageDescriptor? found)
            ? found
            : throw new ArgumentException($"the class {name} is no top-level message of the schema");
    }

    // The generator's rule: the file's namespace and the message's own name.
    private static string ClassName(MessageDescriptor message) => $"{message.File.GetOptions()?.CsharpNamespace}.{message.Name}";

    // FileDescriptorSet (google/protobuf/descriptor.proto): field 1, repeated; dependencies stand before those who need them.
    private static IReadOnlyList<FileDescriptor> LoadFiles()
    {
        using Stream stream = typeof(ProtoSchema).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"this assembly was built without {Resource}");
        using var input = new CodedInputStream(stream);
        List<ByteString> files = [];
        while (input.ReadTag() == FileTag)
        {
            files.Add(input.ReadBytes());
        }

        return FileDescriptor.BuildFromByteStrings(files);
    }
}
