using PodAgent.Api.Core;
using PodAgent.Api.Validation;

namespace PodAgent.Api.Tests.Validation;

public class PodUpdateValidationTests
{
    private const string SpecRule = "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`";

    [Theory]
    [InlineData("activeDeadlineSeconds: 50")]
    [InlineData("activeDeadlineSeconds: 100, tolerations: [{key: a, operator: Exists, tolerationSeconds: 5, effect: NoExecute}, {key: b, operator: Exists}]")]
    public void ValidateUpdate_MutableSpecFields_AreAllowed(string spec)
    {
        Pod old = Pods.With("activeDeadlineSeconds: 100");

        Assert.Empty(PodValidation.ValidateUpdate(Pods.With(spec), old));
    }

    [Fact]
    public void ValidateUpdate_ImageLabelsAndAnnotations_AreAllowed()
    {
        Pod changed = Pods.With();
        changed.Spec.Containers[0].Image = "nginx";
        changed.Metadata.Labels["a"] = "b";
        changed.Metadata.Annotations["a"] = "b";

        Assert.Empty(PodValidation.ValidateUpdate(changed, Pods.With()));
    }

    [Theory]
    [InlineData("restartPolicy: Never", "", SpecRule, "changed: spec.restartPolicy")]
    [InlineData("", "args: [a], tty: true", SpecRule, "changed: spec.containers[0].args, spec.containers[0].tty")]
    [InlineData("volumes: [{name: v, emptyDir: {}}]", "", SpecRule, "changed: spec.volumes")]
    [InlineData("terminationGracePeriodSeconds: 1", "", SpecRule, "changed: spec.terminationGracePeriodSeconds")]
    [InlineData("initContainers: [{name: i, image: x}]", "", "spec.initContainers: Forbidden: pod updates may not add or remove containers", "")]
    [InlineData("activeDeadlineSeconds: 0", "", "spec.activeDeadlineSeconds: Invalid value: 0: must be between", "")]
    public void ValidateUpdate_OtherFields_AreForbidden(string spec, string container, string start, string end)
    {
        FieldError error = Assert.Single(PodValidation.ValidateUpdate(Pods.With(spec, container), Pods.With()));

        Assert.StartsWith(start, error.ToString());
        Assert.EndsWith(end, error.ToString());
    }

    [Fact]
    public void ValidateUpdate_KindOfVolume_IsForbidden() =>
        Assert.EndsWith("changed: spec.volumes[0].downwardAPI, spec.volumes[0].emptyDir", Assert.Single(PodValidation.ValidateUpdate(
            Pods.With("volumes: [{name: v, downwardAPI: {defaultMode: 1}}]"), Pods.With("volumes: [{name: v, emptyDir: {}}]"))).Detail);

    [Theory]
    [InlineData("activeDeadlineSeconds: 101", "must be less than or equal to previous value")]
    [InlineData("restartPolicy: Always", "must not update from a positive integer to nil value")]
    public void ValidateUpdate_DeadlineMovedAway_IsInvalid(string spec, string detail) =>
        Assert.Equal(detail, Assert.Single(PodValidation.ValidateUpdate(Pods.With(spec), Pods.With("activeDeadlineSeconds: 100"))).Detail);

    [Fact]
    public void ValidateUpdate_TolerationRemoved_IsForbidden() =>
        Assert.Equal("spec.tolerations", Assert.Single(PodValidation.ValidateUpdate(Pods.With(), Pods.With("tolerations: [{operator: Exists}]"))).Field);

    [Fact]
    public void ValidateUpdate_OtherIdentity_IsImmutable()
    {
        Pod old = Pods.With();
        old.Metadata.Uid = "1";
        Pod changed = Pods.With();
        changed.Metadata.Name = "b";
        changed.Metadata.Namespace = "other";
        changed.Metadata.Uid = "2";

        Assert.Equal(
            [
                "metadata.name: Invalid value: \"b\": field is immutable",
                "metadata.namespace: Invalid value: \"other\": field is immutable",
                "metadata.uid: Invalid value: \"2\": field is immutable",
            ],
            PodValidation.ValidateUpdate(changed, old).Select(error => error.ToString()));
    }

    [Fact]
    public void ValidateUpdate_ZeroInsteadOfAbsent_IsNoChange()
    {
        Pod old = Pods.With();
        Pod fromTheWire = Pods.With();
        fromTheWire.Spec.HostNetwork = false;
        fromTheWire.Spec.NodeName = "";
        fromTheWire.Spec.Containers[0].Tty = false;

        Assert.Empty(PodValidation.ValidateUpdate(fromTheWire, old));
    }

    [Fact]
    public void ValidateUpdate_EmptyImage_IsRequired()
    {
        Pod changed = Pods.With();
        changed.Spec.Containers[0].Image = "";

        Assert.Equal("spec.containers[0].image: Required value", Assert.Single(PodValidation.ValidateUpdate(changed, Pods.With())).ToString());
    }
}
