using Google.Protobuf.Reflection;

namespace PodAgent.Rpc.Server;

/// <summary>Finds what a file declares.</summary>
internal static class DescriptorSearch
{
    /// <summary>Whether the file declares the service, method, message, enum, enum value, oneof or field with this full name.</summary>
    internal static bool Declares(FileDescriptor file, string symbol) =>
        file.Services.Any(service => service.FullName == symbol || service.Methods.Any(method => method.FullName == symbol))
        || file.EnumTypes.Any(type => Declares(type, symbol))
        || file.MessageTypes.Any(type => Declares(type, symbol));

    private static bool Declares(MessageDescriptor type, string symbol)
    {
        if (type.FullName == symbol)
        {
            return true;
        }

        return symbol.StartsWith(type.FullName + ".", StringComparison.Ordinal)
            && (type.Fields.InDeclarationOrder().Any(field => field.FullName == symbol)
                || type.Oneofs.Any(oneof => oneof.FullName == symbol)
                || type.EnumTypes.Any(nested => Declares(nested, symbol))
                || type.NestedTypes.Any(nested => Declares(nested, symbol)));
    }

    private static bool Declares(EnumDescriptor type, string symbol)
    {
        // The values of an enum are named beside it, not below it (as in C).
        string scope = type.FullName[..^type.Name.Length];
        return type.FullName == symbol
            || (symbol.StartsWith(scope, StringComparison.Ordinal)
                && type.Values.Any(value => symbol.AsSpan(scope.Length).SequenceEqual(value.Name)));
    }
}
