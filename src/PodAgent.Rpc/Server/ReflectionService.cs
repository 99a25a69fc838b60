using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace PodAgent.Rpc.Server;

/// <summary>
/// The service <c>grpc.reflection.v1.ServerReflection</c>, and the same under its older name <c>grpc.reflection.v1alpha</c>:
/// it tells tools such as grpcurl the schemas of the services in a registry.
/// </summary>
public sealed class ReflectionService : ServerReflection.ServerReflectionBase
{
    private readonly RpcServiceRegistry _services;

    /// <summary>Makes the service; <see cref="RpcServiceRegistry.AddReflection"/> makes and adds it.</summary>
    /// <param name="services">Whose schemas to tell; services that are added later are included.</param>
    public ReflectionService(RpcServiceRegistry services)
    {
        _services = services ?? throw new ArgumentNullException(nameof(services));
    }

    /// <summary>The file of <c>grpc.reflection.v1</c>.</summary>
    public static FileDescriptor Descriptor => ReflectionReflection.Descriptor;

    /// <summary>The file of <c>grpc.reflection.v1alpha</c>.</summary>
    public static FileDescriptor AlphaDescriptor => Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor;

    /// <summary>The service under its name.</summary>
    public ServerServiceDefinition Definition => ServerReflection.BindService(this);

    /// <summary>The service under its older name; the messages are the same on the wire.</summary>
    public ServerServiceDefinition AlphaDefinition => ServerServiceDefinition.CreateBuilder()
        .AddMethod(
            new Method<ServerReflectionRequest, ServerReflectionResponse>(
                MethodType.DuplexStreaming,
                "grpc.reflection.v1alpha.ServerReflection",
                "ServerReflectionInfo",
                Marshallers.Create(message => message.ToByteArray(), ServerReflectionRequest.Parser.ParseFrom),
                Marshallers.Create(message => message.ToByteArray(), ServerReflectionResponse.Parser.ParseFrom)),
            ServerReflectionInfo)
        .Build();

    /// <inheritdoc/>
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(requestStream);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        var sent = new HashSet<string>(StringComparer.Ordinal);
        while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            ServerReflectionRequest request = requestStream.Current;
            ServerReflectionResponse response = Answer(request, sent);
            response.ValidHost = request.Host;
            response.OriginalRequest = request;
            await responseStream.WriteAsync(response).ConfigureAwait(false);
        }
    }

    private ServerReflectionResponse Answer(ServerReflectionRequest request, HashSet<string> sent)
    {
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                var list = new ListServiceResponse();
                list.Service.AddRange(_services.ServiceNames.Select(name => new ServiceResponse { Name = name }));
                return new ServerReflectionResponse { ListServicesResponse = list };

            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                FileDescriptor? named = _services.Files.FirstOrDefault(file => file.Name == request.FileByFilename);
                return named is null ? NotFound($"file \"{request.FileByFilename}\"") : Send(named, sent);

            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                string symbol = request.FileContainingSymbol.TrimStart('.');
                FileDescriptor? declaring = _services.Files.FirstOrDefault(file => DescriptorSearch.Declares(file, symbol));
                return declaring is null ? NotFound($"symbol \"{symbol}\"") : Send(declaring, sent);

            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                // proto3 has no extensions, except options, which no message here carries.
                ExtensionRequest extension = request.FileContainingExtension;
                return NotFound($"extension {extension.ExtensionNumber} of \"{extension.ContainingType}\"");

            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                string type = request.AllExtensionNumbersOfType;
                return _services.Files.Any(file => DescriptorSearch.Declares(file, type))
                    ? new ServerReflectionResponse { AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = type } }
                    : NotFound($"type \"{type}\"");

            default:
                return Error(StatusCode.InvalidArgument, "the request asks for nothing that is known here");
        }
    }

    private static ServerReflectionResponse Send(FileDescriptor file, HashSet<string> sent)
    {
        var response = new FileDescriptorResponse();
        sent.Add(file.Name);
        response.FileDescriptorProto.Add(file.SerializedData);
        AddImports(file, sent, response);
        return new ServerReflectionResponse { FileDescriptorResponse = response };
    }

    private static void AddImports(FileDescriptor file, HashSet<string> sent, FileDescriptorResponse response)
    {
        foreach (FileDescriptor import in file.Dependencies)
        {
            if (sent.Add(import.Name))
            {
                response.FileDescriptorProto.Add(import.SerializedData);
                AddImports(import, sent, response);
            }
        }
    }

    private static ServerReflectionResponse NotFound(string what) => Error(StatusCode.NotFound, $"{what} is not known here");

    private static ServerReflectionResponse Error(StatusCode code, string message) => new()
    {
        ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message },
    };
}
