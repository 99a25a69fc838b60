using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Images.BuiltIn;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Every call of CRI with bad messages: the answer is always a status that says what is wrong, and nothing stays behind.</summary>
public sealed class HostileInputTests
{
    private const int MessagesPerCall = 25;

    private static readonly StatusCode[] s_proper =
    [
        StatusCode.OK, StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition,
        StatusCode.ResourceExhausted, StatusCode.Unavailable, StatusCode.Unimplemented, StatusCode.DeadlineExceeded, StatusCode.Cancelled,
        StatusCode.PermissionDenied, StatusCode.OutOfRange,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Calls_WithHostileMessages_AreAnsweredProperlyAndLeaveNothing(int seed)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        string running = await machine.StartAsync(sandbox, CriMachine.Shell("sleep 1000"));
        string created = await machine.CreateAsync(sandbox, CriMachine.Shell("sleep 1000", "created"));
        var messages = new HostileMessages(seed, [sandbox, running, created, BusyboxImage.Reference, "sh", "name", "/tmp"]);
        var problems = new List<string>();
        foreach ((ClientBase client, ServiceDescriptor service) in new (ClientBase, ServiceDescriptor)[] { (machine.Runtime, RuntimeService.Descriptor), (machine.Images, ImageService.Descriptor) })
        {
            foreach (MethodDescriptor method in service.Methods)
            {
                for (int i = 0; i < MessagesPerCall; i++)
                {
                    IMessage request = i == 0 ? method.InputType.Parser.ParseFrom(ByteString.Empty) : messages.Next(method.InputType);
                    Tame(request, machine);
                    (StatusCode code, string detail) = await CallAsync(client, method, request);
                    if (!s_proper.Contains(code) || detail.Contains("   at ", StringComparison.Ordinal) || (code != StatusCode.OK && detail.Length == 0))
                    {
                        problems.Add($"{method.Name} #{i}: {code}: {Short(detail)}\n  {Short(request.ToString()!)}");
                    }
                }
            }
        }

        Assert.True(problems.Count == 0, $"{problems.Count} problems\n{string.Join("\n", problems.Take(20))}");
        foreach (PodSandbox left in (await machine.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items)
        {
            await machine.RemoveSandboxAsync(left.Id);
        }

        Assert.Empty(machine.Leftovers());
    }

    // What would be done as asked, but to this machine: logs beside other files, groups beside other groups, all of the node's tree.
    private static void Tame(IMessage request, CriMachine machine)
    {
        switch (request)
        {
            case RunPodSandboxRequest { Config: { } pod }:
                Tame(pod, machine);
                break;
            case CreateContainerRequest { Config: { } container }:
                foreach (Mount mount in container.Mounts.Where(mount => mount.HostPath.StartsWith('/')))
                {
                    mount.Readonly = true;
                }

                break;
            case UpdateRuntimeConfigRequest { RuntimeConfig.NetworkConfig: { } network }:
                network.PodCidr = network.PodCidr == "10.0.0.0/8" ? "" : network.PodCidr;
                break;
        }
    }

    private static void Tame(PodSandboxConfig pod, CriMachine machine)
    {
        if (pod.LogDirectory.StartsWith('/'))
        {
            pod.LogDirectory = machine.Logs;
        }

        if (pod.Linux is { CgroupParent: var parent } && parent.Trim('/').Length > 0 && !parent.Contains("..", StringComparison.Ordinal))
        {
            pod.Linux.CgroupParent = $"/{machine.Options.CgroupParent}/{parent}";
        }
    }

    private static async Task<(StatusCode Code, string Detail)> CallAsync(ClientBase client, MethodDescriptor method, IMessage request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(method.IsServerStreaming ? 0.3 : 20));
        MethodInfo call = client.GetType().GetMethod(
            method.IsServerStreaming ? method.Name : method.Name + "Async", [request.GetType(), typeof(CallOptions)])!;
        try
        {
            object running = call.Invoke(client, [request, new CallOptions(cancellationToken: limit.Token)])!;
            if (method.IsServerStreaming)
            {
                object stream = running.GetType().GetProperty("ResponseStream")!.GetValue(running)!;
                await (Task)typeof(HostileInputTests).GetMethod(nameof(DrainAsync), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(method.OutputType.ClrType).Invoke(null, [stream, limit.Token])!;
            }
            else
            {
                await (Task)running.GetType().GetProperty("ResponseAsync")!.GetValue(running)!;
            }

            return (StatusCode.OK, "");
        }
        catch (RpcException refused)
        {
            return (refused.StatusCode, refused.Status.Detail);
        }
        catch (OperationCanceledException)
        {
            return (StatusCode.Cancelled, "the test's time limit");
        }
    }

    private static async Task DrainAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken)
    {
        while (await stream.MoveNext(cancellationToken))
        {
        }
    }

    private static string Short(string text) => text.Length <= 600 ? text : $"{text[..600]}...";
}
