using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using PodAgent.Api.V1;
using PodAgent.Cli.Output;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl pull</c> and <c>podctl push</c>.</summary>
internal static class TransferCommand
{
    private static readonly Argument<string> s_image = new("IMAGE") { Description = "name with tag or digest; a short name is docker.io's" };
    private static readonly Argument<string> s_local = new("IMAGE") { Description = "name or ID of an image on this node" };
    private static readonly Argument<string?> s_target = new("NAME") { Description = "its name at the registry (default: the same)", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> s_credentials = new("--creds") { Description = "USER[:PASSWORD] for the registry; the password is asked for on a terminal, read from a pipe" };
    private static readonly Option<string?> s_authFile = new("--authfile") { Description = "credential file of docker or podman (default: $REGISTRY_AUTH_FILE, then the agent's)" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "only the result" };

    public static Command CreatePull()
    {
        var pull = new Command("pull", "Pull an image from its registry") { s_image, s_credentials, s_authFile, s_quiet };
        CommandContext.Bind(pull, PullAsync);
        return pull;
    }

    public static Command CreatePush()
    {
        var push = new Command("push", "Push an image to a registry") { s_local, s_target, s_credentials, s_authFile, s_quiet };
        CommandContext.Bind(push, PushAsync);
        return push;
    }

    private static async Task<int> PullAsync(CommandContext context, CancellationToken cancel)
    {
        string image = context.Arguments.GetValue(s_image)!;
        var request = new PullImageRequest { Reference = image, Credential = Credential(context), AuthFile = AuthFile(context) };
        using AsyncServerStreamingCall<TransferProgress> call = context.Agent.ImageTransfer.PullImage(request, cancellationToken: cancel);
        TransferResult result = await ShowAsync(context, call, "Pulling", "Pulled", image, cancel);
        if (context.Arguments.GetValue(s_quiet))
        {
            Console.Out.WriteLine(result.Id);
        }
        else
        {
            Console.Out.WriteLine($"Digest: {result.Digest}\nImage: {result.Id}\n{result.Reference}");
        }

        return 0;
    }

    private static async Task<int> PushAsync(CommandContext context, CancellationToken cancel)
    {
        string image = context.Arguments.GetValue(s_local)!;
        string target = context.Arguments.GetValue(s_target) ?? "";
        var request = new PushImageRequest { Reference = image, Target = target, Credential = Credential(context), AuthFile = AuthFile(context) };
        using AsyncServerStreamingCall<TransferProgress> call = context.Agent.ImageTransfer.PushImage(request, cancellationToken: cancel);
        TransferResult result = await ShowAsync(context, call, "Pushing", "Pushed", target.Length > 0 ? target : image, cancel);
        Console.Out.WriteLine(context.Arguments.GetValue(s_quiet) ? result.Digest : $"Digest: {result.Digest}\n{result.Reference}");
        return 0;
    }

    private static async Task<TransferResult> ShowAsync(
        CommandContext context, AsyncServerStreamingCall<TransferProgress> call, string doing, string done, string image, CancellationToken cancel)
    {
        TransferDisplay display = TransferDisplay.Create(context.Arguments.GetValue(s_quiet), doing, done);
        display.Begin(image);
        TransferResult? result = null;
        try
        {
            while (await call.ResponseStream.MoveNext(cancel))
            {
                display.Show(call.ResponseStream.Current.Layers);
                result = call.ResponseStream.Current.Result ?? result;
            }
        }
        finally
        {
            display.End();
        }

        return result ?? throw new CliException("error: the agent ended the call without a result");
    }

    private static ImageCredential? Credential(CommandContext context)
    {
        if (context.Arguments.GetValue(s_credentials) is not { } given)
        {
            return null;
        }

        int colon = given.IndexOf(':');
        string user = colon < 0 ? given : given[..colon];
        string? password = colon < 0 ? Password() : given[(colon + 1)..];
        return user.Length > 0 && password is not null
            ? new ImageCredential { Username = user, Password = password }
            : throw new CliException("error: --creds needs USER:PASSWORD, or USER and a password on standard input");
    }

    private static string? Password()
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine();
        }

        Console.Error.Write("Password: ");
        var password = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                password.Length = Math.Max(0, password.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                password.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return password.ToString();
    }

    private static ByteString AuthFile(CommandContext context)
    {
        string? path = context.Arguments.GetValue(s_authFile) ?? Environment.GetEnvironmentVariable("REGISTRY_AUTH_FILE");
        if (string.IsNullOrEmpty(path))
        {
            return ByteString.Empty;
        }

        return File.Exists(path) ? ByteString.CopyFrom(File.ReadAllBytes(path)) : throw new CliException($"error: the path \"{path}\" does not exist");
    }
}
