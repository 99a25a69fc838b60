using PodAgent.Api.Core;
using PodAgent.Cli.Commands;
using PodAgent.Cli.Tests.Support;

namespace PodAgent.Cli.Tests.Commands;

public class RunCommandTests
{
    [Fact]
    public void Build_ImageAlone_IsOneContainerThatIsAlwaysRestarted()
    {
        Pod pod = Build("run hello --image=busybox");

        Container container = Assert.Single(pod.Spec.Containers);
        Assert.Equal(("hello", "default", "Always"), (pod.Metadata.Name, pod.Metadata.Namespace, pod.Spec.RestartPolicy));
        Assert.Equal(("hello", "busybox"), (container.Name, container.Image));
        Assert.Equal("hello", pod.Metadata.Labels["run"]);
        Assert.False(container.Stdin || container.StdinOnce || container.Tty);
        Assert.False(container.HasImagePullPolicy);
        Assert.Null(container.SecurityContext);
        Assert.Empty(container.Ports);
    }

    [Fact]
    public void Build_WordsAfterTheDashes_AreArguments()
    {
        Container container = Build("run hello --image=busybox -- -c x --image=y").Spec.Containers[0];

        Assert.Empty(container.Command);
        Assert.Equal(["-c", "x", "--image=y"], container.Args);
        Assert.Equal("busybox", container.Image);
    }

    [Fact]
    public void Build_WithCommand_WordsReplaceTheEntrypoint()
    {
        Container container = Build("run hello --image=busybox --command -- sh -c true").Spec.Containers[0];

        Assert.Equal(["sh", "-c", "true"], container.Command);
        Assert.Empty(container.Args);
    }

    [Fact]
    public void Build_EveryOption_ReachesThePod()
    {
        Pod pod = Build(
            "run hello --image=busybox -n prod --restart=OnFailure --image-pull-policy=Never --privileged -it "
            + "-e A=1 --env=B=x=y -l app=web,tier=front -l run=other --port=80 --hostport=8080");

        Container container = pod.Spec.Containers[0];
        Assert.Equal(("prod", "OnFailure", "Never"), (pod.Metadata.Namespace, pod.Spec.RestartPolicy, container.ImagePullPolicy));
        Assert.True(container.SecurityContext.Privileged);
        Assert.True(container.Stdin && container.StdinOnce && container.Tty);
        Assert.Equal(["A=1", "B=x=y"], container.Env.Select(variable => $"{variable.Name}={variable.Value}"));
        Assert.Equal(["app=web", "run=other", "tier=front"], pod.Metadata.Labels.Select(label => $"{label.Key}={label.Value}").Order());
        Assert.Equal((80, 8080), (container.Ports[0].ContainerPort_, container.Ports[0].HostPort));
    }

    [Theory]
    [InlineData("run hello --image=busybox -e A", "invalid env: A")]
    [InlineData("run hello --image=busybox -e =x", "invalid env: =x")]
    [InlineData("run hello --image=busybox -l app", "invalid label: app")]
    [InlineData("run hello --image=busybox --nmae=x -- a", "unknown flag: --nmae=x")]
    [InlineData("run hello --image=busybox --hostport=80", "--hostport needs --port")]
    public void Build_WordsThatDescribeNoPod_AreNamed(string line, string message) =>
        Assert.Contains(message, Assert.Throws<CliException>(() => Build(line)).Message, StringComparison.Ordinal);

    private static Pod Build(string line)
    {
        var arguments = Podctl.ParseLine(line);
        Assert.Empty(arguments.Errors);
        return RunCommand.Build(arguments);
    }
}
