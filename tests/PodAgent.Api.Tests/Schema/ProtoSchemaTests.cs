using Google.Protobuf;
using Google.Protobuf.Reflection;
using PodAgent.Api.Core;
using PodAgent.Api.Cri;
using PodAgent.Api.Schema;
using PodAgent.Api.V1;

namespace PodAgent.Api.Tests.Schema;

/// <summary>The schema as data and the generated classes come from the same files.</summary>
public class ProtoSchemaTests
{
    [Theory]
    [InlineData(typeof(Pod))]
    [InlineData(typeof(PodStatus))]
    [InlineData(typeof(Node))]
    [InlineData(typeof(PodAgent.Api.Meta.List))]
    [InlineData(typeof(Coordination.Lease))]
    [InlineData(typeof(AgentConfiguration))]
    public void Of_Class_IsTheMessageOfTheSameFields(Type type)
    {
        IMessage message = (IMessage)Activator.CreateInstance(type)!;

        MessageDescriptor found = ProtoSchema.Of(message);

        Assert.Equal(message.Descriptor.FullName, found.FullName);
        Assert.Equal(Fields(message.Descriptor), Fields(found));
        Assert.Same(found, ProtoSchema.Message(found.FullName));
    }

    [Fact]
    public void FileOfService_EachService_DeclaresItAsTheGeneratedOneDoes()
    {
        Check(RuntimeService.Descriptor);
        Check(ImageService.Descriptor);
        Check(PodService.Descriptor);

        static void Check(ServiceDescriptor generated)
        {
            FileDescriptor file = ProtoSchema.FileOfService(generated.FullName);
            Assert.Equal(generated.File.Name, file.Name);
            Assert.Equal(
                generated.Methods.Select(method => (method.Name, method.InputType.FullName, method.IsServerStreaming)),
                file.Services.Single(service => service.FullName == generated.FullName).Methods
                    .Select(method => (method.Name, method.InputType.FullName, method.IsServerStreaming)));
        }
    }

    [Fact]
    public void Message_Unknown_IsNamed() =>
        Assert.Equal("there is no message \"a.B\"", Assert.Throws<ArgumentException>(() => ProtoSchema.Message("a.B")).Message);

    [Fact]
    public void VolumeSources_Given_KnowsEverySource()
    {
        VolumeSource source = new();
        foreach (FieldDescriptor field in VolumeSource.Descriptor.Fields.InDeclarationOrder())
        {
            field.Accessor.SetValue(source, field.MessageType.Parser.ParseFrom(ByteString.Empty));
        }

        Assert.Equal(VolumeSource.Descriptor.Fields.InDeclarationOrder().Select(field => field.Name), VolumeSources.Given(source).Select(given => given.Name));
        Assert.Empty(VolumeSources.Given(new VolumeSource()));
    }

    private static IEnumerable<(int, string, FieldType)> Fields(MessageDescriptor type) =>
        type.Fields.InFieldNumberOrder().Select(field => (field.FieldNumber, field.Name, field.FieldType));
}
