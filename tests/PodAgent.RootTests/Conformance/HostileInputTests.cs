using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.Images.BuiltIn;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Every call of CRI with bad messages: the answer is always a status that says what is wrong, and nothing stays behind.</summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private static readonly int s_messagesPerCall = EmulatedProcessor.IsPresent ? 12 : 24;
    private static readonly int s_messagesPerCreation = EmulatedProcessor.IsPresent ? 40 : 120;

    private static readonly StatusCode[] s_proper =
    [
        StatusCode.OK, StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition,
        StatusCode.ResourceExhausted, StatusCode.Unavailable, StatusCode.Unimplemented, StatusCode.DeadlineExceeded, StatusCode.Cancelled,
        StatusCode.PermissionDenied, StatusCode.OutOfRange,
    ];

    private readonly List<string> _problems = [];
    private readonly Dictionary<(string Method, StatusCode Code), int> _answers = [];
    private CriMachine _machine = null!;
    private string _sandbox = "";
    private string _running = "";
    private string _created = "";
    private int _names;

    public async Task InitializeAsync() => _machine = await CriMachine.StartAsync();

    public async Task DisposeAsync() => await _machine.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Calls_WithHostileMessages_AreAnsweredProperlyAndLeaveNothing(int seed)
    {
        foreach ((ClientBase client, ServiceDescriptor service) in new (ClientBase, ServiceDescriptor)[] { (_machine.Runtime, RuntimeService.Descriptor), (_machine.Images, ImageService.Descriptor) })
        {
            foreach (MethodDescriptor method in service.Methods)
            {
                int count = method.Name is "RunPodSandbox" or "CreateContainer" ? s_messagesPerCreation : s_messagesPerCall;
                for (int i = 0; i < count; i++)
                {
                    await EnsureTargetsAsync();
                    var messages = new HostileMessages((seed * 1000) + i, [_sandbox, _running, _created, BusyboxImage.Reference, "sh", "name", "/tmp"]);
                    IMessage request = i == 0 ? method.InputType.Parser.ParseFrom(ByteString.Empty)
                        : i % 3 == 0 ? messages.Next(method.InputType)
                        : messages.Spoil(Good(method));
                    Tame(request);
                    await AskAsync(client, method, request);
                }
            }
        }

        Assert.True(_problems.Count == 0, $"{_problems.Count} problems\n{string.Join("\n", _problems.Take(20))}");

        // The test is worth something only if many of the bad messages get far.
        Assert.All(new[] { "RunPodSandbox", "CreateContainer", "StartContainer", "ExecSync", "UpdateContainerResources" }, method =>
            Assert.True(_answers.Keys.Count(key => key.Method == method) > 1, $"{method}: {string.Join(", ", _answers.Where(answer => answer.Key.Method == method))}"));
        foreach (PodSandbox left in (await _machine.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items)
        {
            await _machine.RemoveSandboxAsync(left.Id);
        }

        Assert.Empty(_machine.Leftovers());
    }

    private async Task AskAsync(ClientBase client, MethodDescriptor method, IMessage request)
    {
        (StatusCode code, string detail, object? answer) = await CallAsync(client, method, request);
        _answers[(method.Name, code)] = _answers.GetValueOrDefault((method.Name, code)) + 1;
        if (!s_proper.Contains(code) || detail.Contains("   at ", StringComparison.Ordinal) || (code != StatusCode.OK && detail.Length == 0))
        {
            _problems.Add($"{method.Name}: {code}: {Short(detail)}\n  {Short(request.ToString()!)}");
        }

        // What was made in spite of it all is used, and goes.
        switch (answer)
        {
            case RunPodSandboxResponse made:
                await _machine.RemoveSandboxAsync(made.PodSandboxId);
                break;
            case CreateContainerResponse made:
                await AskAsync(client, method.Service.FindMethodByName("StartContainer"), new StartContainerRequest { ContainerId = made.ContainerId });
                await _machine.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = made.ContainerId });
                break;
        }
    }

    // The calls before may have stopped or removed anything.
    private async Task EnsureTargetsAsync()
    {
        if (!(await _machine.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest { Filter = new PodSandboxFilter { Id = _sandbox, State = new PodSandboxStateValue() } })).Items.Any(item => item.Id == _sandbox))
        {
            _sandbox = await _machine.RunAsync(_machine.Pod($"target{_names++}"));
        }

        Dictionary<string, ContainerState> states = (await _machine.Runtime.ListContainersAsync(new ListContainersRequest())).Containers.ToDictionary(container => container.Id, container => container.State);
        if (states.GetValueOrDefault(_running, ContainerState.ContainerUnknown) != ContainerState.ContainerRunning)
        {
            _running = await _machine.StartAsync(_sandbox, CriMachine.Shell("sleep 1000", $"running{_names++}"));
        }

        if (states.GetValueOrDefault(_created, ContainerState.ContainerUnknown) != ContainerState.ContainerCreated)
        {
            _created = await _machine.CreateAsync(_sandbox, CriMachine.Shell("sleep 1000", $"created{_names++}"));
        }
    }

    private IMessage Good(MethodDescriptor method)
    {
        IMessage request = method.Name switch
        {
            "RunPodSandbox" => new RunPodSandboxRequest { Config = _machine.Pod($"hostile{_names++}") },
            "CreateContainer" => new CreateContainerRequest { PodSandboxId = _sandbox, Config = FullContainer() },
            "ExecSync" => new ExecSyncRequest { ContainerId = _running, Cmd = { "true" }, Timeout = 5 },
            "UpdateContainerResources" => new UpdateContainerResourcesRequest { ContainerId = _running, Linux = new LinuxContainerResources { CpuShares = 512, MemoryLimitInBytes = 64 << 20 } },
            "StartContainer" => new StartContainerRequest { ContainerId = _created },
            _ => method.InputType.Parser.ParseFrom(ByteString.Empty),
        };
        foreach ((string field, string id) in new[] { ("pod_sandbox_id", _sandbox), ("container_id", _running) })
        {
            if (method.InputType.FindFieldByName(field) is { } target && (string)target.Accessor.GetValue(request) == "")
            {
                target.Accessor.SetValue(request, id);
            }
        }

        return request;
    }

    private ContainerConfig FullContainer()
    {
        ContainerConfig config = CriMachine.Shell("exec sleep 1000", $"hostile{_names++}");
        config.WorkingDir = "/tmp";
        config.Envs.Add(new KeyValue { Key = "A", Value = ByteString.CopyFromUtf8("b") });
        config.Mounts.Add(new Mount { ContainerPath = "/mnt/x", HostPath = "/etc", Readonly = true });
        config.Devices.Add(new Device { ContainerPath = "/dev/x", HostPath = "/dev/null", Permissions = "r" });
        config.Linux.Resources = new LinuxContainerResources { CpuShares = 512, MemoryLimitInBytes = 64 << 20 };
        config.Linux.SecurityContext.MaskedPaths.Add("/proc/kcore");
        config.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "NET_ADMIN" } };
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        config.Linux.SecurityContext.Seccomp = new SecurityProfile();
        return config;
    }

    // What would be done as asked, but to this machine or to others: logs beside other files, groups beside other groups, writing in the node's tree,
    // requests to a registry.
    private void Tame(IMessage request)
    {
        switch (request)
        {
            case RunPodSandboxRequest { Config: { } pod }:
                pod.LogDirectory = pod.LogDirectory.StartsWith('/') ? _machine.Logs : pod.LogDirectory;
                if (pod.Linux is { CgroupParent: var parent } && parent.Trim('/').Length > 0 && !parent.Contains("..", StringComparison.Ordinal))
                {
                    pod.Linux.CgroupParent = $"/{_machine.Options.CgroupParent}/{parent.Replace('/', '_')}";
                }

                break;
            case CreateContainerRequest { Config: { } container }:
                foreach (Mount mount in container.Mounts.Where(mount => mount.HostPath.StartsWith('/')))
                {
                    mount.Readonly = true;
                }

                break;
            case PullImageRequest { Image: { Image.Length: > 0 } image }:
                image.Image = $"127.0.0.1:9/{image.Image}";
                break;
            case UpdateRuntimeConfigRequest { RuntimeConfig.NetworkConfig: { } network }:
                network.PodCidr = network.PodCidr == "10.0.0.0/8" ? "" : network.PodCidr;
                break;
        }
    }

    private static async Task<(StatusCode Code, string Detail, object? Answer)> CallAsync(ClientBase client, MethodDescriptor method, IMessage request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(method.IsServerStreaming ? 0.3 : 20));
        MethodInfo call = client.GetType().GetMethod(
            method.IsServerStreaming ? method.Name : method.Name + "Async", [request.GetType(), typeof(CallOptions)])!;
        try
        {
            object running = call.Invoke(client, [request, new CallOptions(cancellationToken: limit.Token)])!;
            string property = method.IsServerStreaming ? "ResponseStream" : "ResponseAsync";
            object response = running.GetType().GetProperty(property)!.GetValue(running)!;
            Task done = method.IsServerStreaming
                ? (Task)typeof(HostileInputTests).GetMethod(nameof(DrainAsync), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(method.OutputType.ClrType).Invoke(null, [response, limit.Token])!
                : (Task)response;
            await done;
            return (StatusCode.OK, "", method.IsServerStreaming ? null : done.GetType().GetProperty("Result")!.GetValue(done));
        }
        catch (RpcException refused)
        {
            return (refused.StatusCode, refused.Status.Detail, null);
        }
        catch (OperationCanceledException)
        {
            return (StatusCode.Cancelled, "the test's time limit", null);
        }
    }

    private static async Task DrainAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken)
    {
        while (await stream.MoveNext(cancellationToken))
        {
        }
    }

    private static string Short(string text) => text.Length <= 900 ? text : $"{text[..900]}...";
}
