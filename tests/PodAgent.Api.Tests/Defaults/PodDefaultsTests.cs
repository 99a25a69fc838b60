using PodAgent.Api.Core;
using PodAgent.Api.Defaults;
using PodAgent.Api.Yaml;

namespace PodAgent.Api.Tests.Defaults;

public class PodDefaultsTests
{
    [Fact]
    public void Apply_SmallPod_IsWhatTheApiServerStores()
    {
        Pod pod = Pods.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec:
              serviceAccount: robot
              volumes:
              - {name: none}
              - {name: host, hostPath: {path: /x}}
              - {name: conf, configMap: {name: c}}
              - name: all
                projected:
                  sources:
                  - serviceAccountToken: {path: token}
                  - downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}
              - {name: image, image: {reference: "x:1"}}
              initContainers:
              - {name: init, image: "localhost:5000/x"}
              containers:
              - name: main
                image: x:1.2
                ports: [{containerPort: 80}]
                resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 100m}}
                livenessProbe: {httpGet: {port: 80}}
                env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
                lifecycle: {preStop: {httpGet: {port: 80}}}
            """);

        PodDefaults.Apply(pod);

        Assert.Equal("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: a
              namespace: default
            spec:
              containers:
              - env:
                - name: A
                  valueFrom:
                    fieldRef:
                      apiVersion: v1
                      fieldPath: status.podIP
                image: x:1.2
                imagePullPolicy: IfNotPresent
                lifecycle:
                  preStop:
                    httpGet:
                      path: /
                      port: 80
                      scheme: HTTP
                livenessProbe:
                  failureThreshold: 3
                  httpGet:
                    path: /
                    port: 80
                    scheme: HTTP
                  periodSeconds: 10
                  successThreshold: 1
                  timeoutSeconds: 1
                name: main
                ports:
                - containerPort: 80
                  protocol: TCP
                resources:
                  limits:
                    cpu: "1"
                    memory: 1Gi
                  requests:
                    cpu: 100m
                    memory: 1Gi
                terminationMessagePath: /dev/termination-log
                terminationMessagePolicy: File
              dnsPolicy: ClusterFirst
              enableServiceLinks: true
              initContainers:
              - image: localhost:5000/x
                imagePullPolicy: Always
                name: init
                resources: {}
                terminationMessagePath: /dev/termination-log
                terminationMessagePolicy: File
              restartPolicy: Always
              schedulerName: default-scheduler
              securityContext: {}
              serviceAccount: robot
              serviceAccountName: robot
              terminationGracePeriodSeconds: 30
              volumes:
              - emptyDir: {}
                name: none
              - hostPath:
                  path: /x
                  type: ""
                name: host
              - configMap:
                  defaultMode: 420
                  name: c
                name: conf
              - name: all
                projected:
                  defaultMode: 420
                  sources:
                  - serviceAccountToken:
                      expirationSeconds: 3600
                      path: token
                  - downwardAPI:
                      items:
                      - fieldRef:
                          apiVersion: v1
                          fieldPath: metadata.name
                        path: name
              - image:
                  pullPolicy: IfNotPresent
                  reference: x:1
                name: image

            """, KubernetesYaml.Write(pod));
    }

    [Theory]
    [InlineData("busybox", "Always")]
    [InlineData("busybox:latest", "Always")]
    [InlineData("busybox:1", "IfNotPresent")]
    [InlineData("host:5000/busybox", "Always")]
    [InlineData("host:5000/busybox:1", "IfNotPresent")]
    [InlineData("busybox@sha256:abc", "IfNotPresent")]
    [InlineData("busybox:latest@sha256:abc", "Always")]
    public void Apply_Image_DecidesThePullPolicy(string image, string expected)
    {
        Pod pod = new() { Spec = new PodSpec { Containers = { new Container { Image = image } } } };

        PodDefaults.Apply(pod);

        Assert.Equal(expected, pod.Spec.Containers[0].ImagePullPolicy);
    }

    [Fact]
    public void Apply_HostNetwork_TakesTheContainersPort()
    {
        Pod pod = new()
        {
            Spec = new PodSpec { HostNetwork = true, Containers = { new Container { Ports = { new ContainerPort { ContainerPort_ = 80 } } } } },
        };

        PodDefaults.Apply(pod);

        Assert.Equal(80, pod.Spec.Containers[0].Ports[0].HostPort);
    }

    [Fact]
    public void Apply_PodResources_RequestsWhatTheContainersNeed()
    {
        Pod pod = Pods.Read("""
            apiVersion: v1
            kind: Pod
            spec:
              resources: {limits: {cpu: 4, memory: 4Gi}}
              initContainers:
              - {name: side, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
              - {name: init, resources: {requests: {cpu: 2}}}
              containers:
              - {name: a, resources: {requests: {cpu: 500m}}}
              - {name: b, resources: {requests: {cpu: 500m}}}
            """);

        PodDefaults.Apply(pod);

        Assert.Equal("2100m", pod.Spec.Resources.Requests["cpu"].String);
        Assert.Equal("4Gi", pod.Spec.Resources.Requests["memory"].String);
    }

    [Fact]
    public void Apply_QuantityFromTheWire_BecomesCanonical()
    {
        Pod pod = new() { Spec = new PodSpec { Containers = { new Container { Resources = new ResourceRequirements() } }, Volumes = { new Volume() } } };
        pod.Spec.Containers[0].Resources.Limits["cpu"] = new PodAgent.Api.Resource.Quantity { String = "0.5" };
        pod.Spec.Containers[0].Resources.Limits["memory"] = new PodAgent.Api.Resource.Quantity { String = "lots" };
        pod.Spec.Volumes[0].VolumeSource = new VolumeSource
        {
            EmptyDir = new EmptyDirVolumeSource { SizeLimit = new PodAgent.Api.Resource.Quantity { String = "1024Ki" } },
        };

        PodDefaults.Apply(pod);

        Assert.Equal("500m", pod.Spec.Containers[0].Resources.Requests["cpu"].String);
        Assert.Equal("lots", pod.Spec.Containers[0].Resources.Limits["memory"].String);
        Assert.Equal("1Mi", pod.Spec.Volumes[0].VolumeSource.EmptyDir.SizeLimit.String);
    }

    [Fact]
    public void Apply_EphemeralContainer_GetsTheContainerDefaults()
    {
        Pod pod = new() { Spec = new PodSpec { EphemeralContainers = { new EphemeralContainer { TargetContainerName = "a" } } } };

        PodDefaults.Apply(pod);

        Assert.Equal("File", pod.Spec.EphemeralContainers[0].EphemeralContainerCommon.TerminationMessagePolicy);
        Assert.Equal("a", pod.Spec.EphemeralContainers[0].TargetContainerName);
    }

    [Fact]
    public void Apply_ValuesThatAreThere_Stay()
    {
        Pod pod = Pods.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: here}
            spec:
              restartPolicy: Never
              enableServiceLinks: false
              terminationGracePeriodSeconds: 0
              volumes: [{name: s, secret: {secretName: s, defaultMode: 0}}]
              containers: [{name: c, image: x, imagePullPolicy: Never, livenessProbe: {exec: {command: [a]}, periodSeconds: 3}}]
            """);

        PodDefaults.Apply(pod);

        Assert.Equal("here", pod.Metadata.Namespace);
        Assert.False(pod.Spec.EnableServiceLinks);
        Assert.Equal(0, pod.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(0, pod.Spec.Volumes[0].VolumeSource.Secret.DefaultMode);
        Assert.Equal("Never", pod.Spec.Containers[0].ImagePullPolicy);
        Assert.Equal(3, pod.Spec.Containers[0].LivenessProbe.PeriodSeconds);
    }
}
