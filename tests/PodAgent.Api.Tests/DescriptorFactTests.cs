using Google.Protobuf.Reflection;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;

namespace PodAgent.Api.Tests;

/// <summary>The compiled schemas against the tables of published facts, field by field.</summary>
public class DescriptorFactTests
{
    private static readonly Dictionary<string, MessageDescriptor> s_messages = [];
    private static readonly Dictionary<string, EnumDescriptor> s_enums = [];
    private static readonly List<ServiceDescriptor> s_services = [];

    static DescriptorFactTests()
    {
        foreach (FileDescriptor file in new[]
        {
            Pod.Descriptor.File, Node.Descriptor.File, Secret.Descriptor.File, Event.Descriptor.File, Service.Descriptor.File,
            Core.Namespace.Descriptor.File, PersistentVolumeClaim.Descriptor.File, Coordination.Lease.Descriptor.File, PodAgent.Api.Meta.Status.Descriptor.File,
            Runtime.Unknown.Descriptor.File, VersionRequest.Descriptor.File,
        })
        {
            Collect(file);
        }
    }

    public static TheoryData<string> Tables => [.. FactTable.Names];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Fields_OfEveryPublishedMessage_HaveTheirNumbersAndTypes(string table)
    {
        (string package, IReadOnlyList<FactRow> rows) = FactTable.Read(table);
        List<string> differences = [];
        int compared = 0;
        foreach (FactRow row in rows.Where(row => row.Kind == "field"))
        {
            if (!s_messages.TryGetValue($"{package}.{row.Owner}", out MessageDescriptor? message))
            {
                // Messages that a node has no use for are left out whole; the list below keeps the others from vanishing.
                continue;
            }

            FieldDescriptor? field = message.FindFieldByName(row.Name);
            string actual = field is null ? "nothing" : $"{field.FieldNumber} {TypeOf(field, package)}";
            compared++;
            if (actual != $"{row.Number} {row.Type}")
            {
                differences.Add($"{row.Owner}.{row.Name}: published {row.Number} {row.Type}, compiled {actual}");
            }
        }

        Assert.Empty(differences);
        Assert.NotEqual(0, compared);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Messages_OfTheSchemas_HaveNoFieldOfTheirOwn(string table)
    {
        (string package, IReadOnlyList<FactRow> rows) = FactTable.Read(table);
        HashSet<string> published = [.. rows.Where(row => row.Kind == "field").Select(row => $"{package}.{row.Owner}.{row.Name}")];

        IEnumerable<string> invented = s_messages.Values
            .Where(message => message.File.Package == package && message.ToProto().Options is not { MapEntry: true })
            .SelectMany(message => message.Fields.InDeclarationOrder())
            .Select(field => field.FullName)
            .Where(name => !published.Contains(name));

        Assert.Empty(invented);
    }

    [Fact]
    public void Messages_OfCri_AreAllThere()
    {
        (string package, IReadOnlyList<FactRow> rows) = FactTable.Read(FactTable.Names.Single(name => name.Contains("cri-v1", StringComparison.Ordinal)));

        IEnumerable<string> missing = rows.Where(row => row.Kind == "field").Select(row => $"{package}.{row.Owner}").Distinct().Where(name => !s_messages.ContainsKey(name));

        Assert.Empty(missing);
    }

    [Fact]
    public void Enums_OfCri_HaveTheirNumbers()
    {
        (string package, IReadOnlyList<FactRow> rows) = FactTable.Read(FactTable.Names.Single(name => name.Contains("cri-v1", StringComparison.Ordinal)));
        FactRow[] values = [.. rows.Where(row => row.Kind == "enum")];

        IEnumerable<string> differences = values
            .Where(row => s_enums.GetValueOrDefault($"{package}.{row.Owner}")?.FindValueByName(row.Name)?.Number.ToString() != row.Number)
            .Select(row => $"{row.Owner}.{row.Name}");

        Assert.Empty(differences);
        Assert.Equal(95, values.Length);
    }

    [Fact]
    public void Calls_OfCri_AreThe43Published()
    {
        (_, IReadOnlyList<FactRow> rows) = FactTable.Read(FactTable.Names.Single(name => name.Contains("cri-v1", StringComparison.Ordinal)));
        IEnumerable<string> published = rows.Where(row => row.Kind == "rpc").Select(row => $"{row.Owner}.{row.Name} {row.Type}").Order(StringComparer.Ordinal);

        string[] compiled =
        [
            .. s_services.SelectMany(service => service.Methods)
                .Select(method => $"{method.Service.Name}.{method.Name} {Side(method.IsClientStreaming, method.InputType)} -> {Side(method.IsServerStreaming, method.OutputType)}")
                .Order(StringComparer.Ordinal),
        ];

        Assert.Equal(published, compiled);
        Assert.Equal(43, compiled.Length);
    }

    private static string Side(bool streaming, MessageDescriptor type) => streaming ? "stream " + type.Name : type.Name;

    private static void Collect(FileDescriptor file)
    {
        foreach (MessageDescriptor message in file.MessageTypes)
        {
            Collect(message);
        }

        foreach (EnumDescriptor type in file.EnumTypes)
        {
            s_enums[type.FullName] = type;
        }

        s_services.AddRange(file.Services.Where(service => s_services.All(known => known.FullName != service.FullName)));
        foreach (FileDescriptor dependency in file.Dependencies)
        {
            Collect(dependency);
        }
    }

    private static void Collect(MessageDescriptor message)
    {
        s_messages[message.FullName] = message;
        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            Collect(nested);
        }

        foreach (EnumDescriptor type in message.EnumTypes)
        {
            s_enums[type.FullName] = type;
        }
    }

    private static string TypeOf(FieldDescriptor field, string package)
    {
        if (field.IsMap)
        {
            IList<FieldDescriptor> pair = field.MessageType.Fields.InFieldNumberOrder();
            return $"map<{Name(pair[0], package)},{Name(pair[1], package)}>";
        }

        string label = field.IsRepeated ? "repeated " : field.File.Syntax == Syntax.Proto2 ? "optional " : "";
        return label + Name(field, package);
    }

    private static string Name(FieldDescriptor field, string package)
    {
        string? full = field.FieldType switch
        {
            FieldType.Message => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            _ => null,
        };
        string nested = field.ContainingType.FullName + ".";
        return full is null ? field.FieldType.ToString().ToLowerInvariant()
            : full.StartsWith(nested, StringComparison.Ordinal) ? full[nested.Length..]
            : full.StartsWith(package + ".", StringComparison.Ordinal) ? full[(package.Length + 1)..]
            : "." + full;
    }
}
