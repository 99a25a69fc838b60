using PodAgent.Api.Core;
using PodAgent.Api.Defaults;
using PodAgent.Api.Manifests;
using PodAgent.Api.Validation;

namespace PodAgent.Api.Tests.Validation;

public class PodValidationTests
{
    private const string LabelRule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
        + "(e.g. 'my-name', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    public static TheoryData<string, string> SpecProblems => new()
    {
        { "restartPolicy: Sometimes", "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"" },
        { "terminationGracePeriodSeconds: -1", "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0" },
        { "activeDeadlineSeconds: 0", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive" },
        { "hostname: a.b", $"spec.hostname: Invalid value: \"a.b\": {LabelRule}" },
        { "dnsPolicy: None", "spec.dnsConfig: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None" },
        { "dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}", "spec.dnsConfig.nameservers: Too many: 4: must have at most 3 items" },
        { "dnsConfig: {nameservers: ['1.1']}", "spec.dnsConfig.nameservers[0]: Invalid value: \"1.1\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
        { "dnsConfig: {options: [{value: a}]}", "spec.dnsConfig.options[0].name: Required value" },
        { "hostAliases: [{ip: x}]", "spec.hostAliases[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
        { "shareProcessNamespace: true, hostPID: true", "spec.shareProcessNamespace: Invalid value: true: `shareProcessNamespace` and `hostPID` cannot both be enabled" },
        { "hostUsers: false, hostNetwork: true", "spec.hostNetwork: Forbidden: may not be set when `hostUsers` is false" },
        { "hostnameOverride: a, setHostnameAsFQDN: true", "spec.hostnameOverride: Forbidden: may not be set when `setHostnameAsFQDN` is true" },
        { "preemptionPolicy: Maybe", "spec.preemptionPolicy: Unsupported value: \"Maybe\": supported values: \"Never\", \"PreemptLowerPriority\"" },
        { "tolerations: [{operator: Equal}]", "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which matches all keys and values" },
        { "tolerations: [{key: a, operator: Is}]", "spec.tolerations[0].operator: Unsupported value: \"Is\": supported values: \"Equal\", \"Exists\", \"Gt\", \"Lt\"" },
        { "tolerations: [{key: a, tolerationSeconds: 3}]", "spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set" },
        { "securityContext: {runAsUser: -1}", "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive" },
        { "securityContext: {supplementalGroups: [2147483648]}", "spec.securityContext.supplementalGroups[0]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive" },
        { "securityContext: {fsGroupChangePolicy: Maybe}", "spec.securityContext.fsGroupChangePolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"OnRootMismatch\"" },
        { "securityContext: {windowsOptions: {}}", "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod" },
        { "securityContext: {seccompProfile: {type: Localhost}}", "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost" },
        { "securityContext: {seccompProfile: {type: Localhost, localhostProfile: ../x}}", "spec.securityContext.seccompProfile.localhostProfile: Invalid value: \"../x\": must not contain '..'" },
        { "securityContext: {seccompProfile: {type: Best}}", "spec.securityContext.seccompProfile.type: Unsupported value: \"Best\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"" },
        { "securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}, {name: net/core/somaxconn, value: '2'}]}", "spec.securityContext.sysctls[1].name: Duplicate value: \"net/core/somaxconn\"" },
        { "securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '1+kernel.core_pattern=|/x'}]}", "spec.securityContext.sysctls[0].value: Invalid value: \"1+kernel.core_pattern=|/x\": must not contain '+' or control characters" },
        { "securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: \"1\\nx\"}]}", "spec.securityContext.sysctls[0].value: Invalid value: \"1\\nx\": must not contain '+' or control characters" },
        { "hostNetwork: true, securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}]}", "spec.securityContext.sysctls[0].name: Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true" },
        { "volumes: [{name: a}, {name: a}]", "spec.volumes[1].name: Duplicate value: \"a\"" },
        { "volumes: [{name: a, emptyDir: {}, hostPath: {path: /x}}]", "spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type" },
        { "volumes: [{name: a, hostPath: {path: /x/../y}}]", "spec.volumes[0].hostPath.path: Invalid value: \"/x/../y\": must not contain '..'" },
        { "volumes: [{name: a, hostPath: {path: /x, type: Dir}}]", "spec.volumes[0].hostPath.type: Unsupported value: \"Dir\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"" },
        { "volumes: [{name: a, emptyDir: {medium: Disk}}]", "spec.volumes[0].emptyDir.medium: Unsupported value: \"Disk\": supported values: \"\", \"HugePages\", \"HugePages-*\", \"Memory\"" },
        { "volumes: [{name: a, secret: {}}]", "spec.volumes[0].secret.secretName: Required value" },
        { "volumes: [{name: a, secret: {secretName: s, defaultMode: 512}}]", "spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive" },
        { "volumes: [{name: a, configMap: {name: c, items: [{key: k, path: /x}]}}]", "spec.volumes[0].configMap.items[0].path: Invalid value: \"/x\": must be a relative path" },
        { "volumes: [{name: a, configMap: {name: c, items: [{key: k, path: ..data}]}}]", "spec.volumes[0].configMap.items[0].path: Invalid value: \"..data\": must not start with '..'" },
        { "volumes: [{name: a, downwardAPI: {items: [{path: x}]}}]", "spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required" },
        { "volumes: [{name: a, projected: {sources: [{}]}}]", "spec.volumes[0].projected.sources[0]: Required value: must specify a projection source" },
        { "volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 599}}]}}]", "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes" },
        { "volumes: [{name: a, projected: {sources: [{secret: {name: s, items: [{key: k, path: p}]}}, {configMap: {name: s, items: [{key: k, path: p}]}}]}}]", "spec.volumes[0].projected.sources[1]: Invalid value: \"p\": conflicting duplicate paths" },
        { "volumes: [{name: a, image: {}}]", "spec.volumes[0].image.reference: Required value" },
        { "volumes: [{name: a, nfs: {server: s, path: x}}]", "spec.volumes[0].nfs.path: Invalid value: \"x\": must be an absolute path" },
        { "initContainers: [{name: main, image: x}]", "spec.containers[0].name: Duplicate value: \"main\"" },
        { "initContainers: [{name: i, image: x, livenessProbe: {exec: {command: [a]}}}]", "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always" },
        { "resources: {limits: {ephemeral-storage: 1Gi}}", "spec.resources.limits: Unsupported value: \"ephemeral-storage\": supported values: \"cpu\", \"hugepages-*\", \"memory\"" },
        { "nodeSelector: {a: '-'}", "spec.nodeSelector[a]: Invalid value: \"-\": a label value must be empty or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'my_value', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
        { "ephemeralContainers: [{name: e, image: x}]", "spec.ephemeralContainers: Forbidden: cannot be set on create" },
    };

    public static TheoryData<string, string> ContainerProblems => new()
    {
        { "ports: [{containerPort: 70000}]", "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive" },
        { "ports: [{name: a}]", "spec.containers[0].ports[0].containerPort: Required value" },
        { "ports: [{containerPort: 1, protocol: tcp}]", "spec.containers[0].ports[0].protocol: Unsupported value: \"tcp\": supported values: \"SCTP\", \"TCP\", \"UDP\"" },
        { "ports: [{containerPort: 1, name: a}, {containerPort: 2, name: a}]", "spec.containers[0].ports[1].name: Duplicate value: \"a\"" },
        { "ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]", "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"" },
        { "ports: [{containerPort: 1, name: '1'}]", "spec.containers[0].ports[0].name: Invalid value: \"1\": must contain at least one letter (a-z)" },
        { "ports: [{containerPort: 1, hostPort: 1, hostIP: here}]", "spec.containers[0].ports[0].hostIP: Invalid value: \"here\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
        { "volumeMounts: [{name: data, mountPath: /x}]", "spec.containers[0].volumeMounts[0].name: Not found: \"data\"" },
        { "volumeMounts: [{name: v}]", "spec.containers[0].volumeMounts[0].mountPath: Required value" },
        { "volumeMounts: [{name: v, mountPath: /x}, {name: v, mountPath: /x}]", "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/x\": must be unique" },
        { "volumeMounts: [{name: v, mountPath: '/x:y'}]", "spec.containers[0].volumeMounts[0].mountPath: Invalid value: \"/x:y\": must not contain ':'" },
        { "volumeMounts: [{name: v, mountPath: /x, subPath: a/../b}]", "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"a/../b\": must not contain '..'" },
        { "volumeMounts: [{name: v, mountPath: /x, subPath: /b}]", "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"/b\": must be a relative path" },
        { "volumeMounts: [{name: v, mountPath: /x, subPath: a, subPathExpr: b}]", "spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: \"b\": subPathExpr and subPath are mutually exclusive" },
        { "volumeMounts: [{name: v, mountPath: /x, mountPropagation: Bidirectional}]", "spec.containers[0].volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers" },
        { "volumeMounts: [{name: v, mountPath: /x, recursiveReadOnly: Enabled}]", "spec.containers[0].volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true" },
        { "volumeDevices: [{name: v, devicePath: /dev/x}]", "spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": can only use a persistentVolumeClaim or ephemeral volume as a block device" },
        { "env: [{value: a}]", "spec.containers[0].env[0].name: Required value" },
        { "env: [{name: a=b}]", "spec.containers[0].env[0].name: Invalid value: \"a=b\": an environment variable name must consist only of printable ASCII characters other than '='" },
        { "env: [{name: a, valueFrom: {}}]", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`" },
        { "env: [{name: a, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty" },
        { "env: [{name: a, valueFrom: {fieldRef: {fieldPath: spec.hostname}}}]", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"spec.hostname\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"" },
        { "env: [{name: a, valueFrom: {fieldRef: {fieldPath: \"spec.hostname['a']\"}}}]", "spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: \"spec.hostname['a']\": does not support subscript" },
        { "env: [{name: a, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1k}}}]", "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"1k\": must be one of 1, 1m for limits.cpu" },
        { "env: [{name: a, valueFrom: {secretKeyRef: {name: s}}}]", "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value" },
        { "envFrom: [{prefix: a}]", "spec.containers[0].envFrom[0]: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`" },
        { "resources: {limits: {cpu: 100m}, requests: {cpu: 200m}}", "spec.containers[0].resources.requests: Invalid value: \"200m\": must be less than or equal to cpu limit of 100m" },
        { "resources: {limits: {cpu: -1}}", "spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0" },
        { "resources: {limits: {gpu: 1}}", "spec.containers[0].resources.limits: Invalid value: \"gpu\": must be a standard resource type (cpu, memory, ephemeral-storage, hugepages-*) or fully qualified" },
        { "resources: {limits: {a.b/gpu: 500m}}", "spec.containers[0].resources.limits[a.b/gpu]: Invalid value: \"500m\": must be an integer" },
        { "resources: {limits: {a.b/gpu: 2}, requests: {a.b/gpu: 1}}", "spec.containers[0].resources.requests: Invalid value: \"1\": must be equal to a.b/gpu limit of 2" },
        { "resources: {limits: {hugepages-2Mi: 4Mi}}", "spec.containers[0].resources: Forbidden: HugePages require cpu or memory" },
        { "resources: {limits: {memory: 1Gi, hugepages-2Mi: 3Mi}}", "spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": must be a multiple of the page size 2Mi" },
        { "resources: {claims: [{name: x}]}", "spec.containers[0].resources.claims[0].name: Not found: \"x\"" },
        { "resizePolicy: [{resourceName: cpu, restartPolicy: Maybe}]", "spec.containers[0].resizePolicy[0].restartPolicy: Unsupported value: \"Maybe\": supported values: \"NotRequired\", \"RestartContainer\"" },
        { "imagePullPolicy: Sometimes", "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"" },
        { "terminationMessagePolicy: Log", "spec.containers[0].terminationMessagePolicy: Unsupported value: \"Log\": supported values: \"FallbackToLogsOnError\", \"File\"" },
        { "livenessProbe: {}", "spec.containers[0].livenessProbe: Required value: must specify a handler type" },
        { "livenessProbe: {exec: {}}", "spec.containers[0].livenessProbe.exec.command: Required value" },
        { "livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}", "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type" },
        { "livenessProbe: {exec: {command: [a]}, successThreshold: 2}", "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1" },
        { "readinessProbe: {exec: {command: [a]}, periodSeconds: -1}", "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0" },
        { "readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 1}", "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes" },
        { "startupProbe: {httpGet: {port: 0}}", "spec.containers[0].startupProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive" },
        { "startupProbe: {httpGet: {port: 1, scheme: http}}", "spec.containers[0].startupProbe.httpGet.scheme: Unsupported value: \"http\": supported values: \"HTTP\", \"HTTPS\"" },
        { "startupProbe: {grpc: {port: 0}}", "spec.containers[0].startupProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive" },
        { "lifecycle: {preStop: {sleep: {seconds: 31}}}", "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than or equal to terminationGracePeriodSeconds (30)" },
        { "lifecycle: {stopSignal: SIGTERM}", "spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`" },
        { "securityContext: {privileged: true, allowPrivilegeEscalation: false}", "spec.containers[0].securityContext: Invalid value: false: cannot set `allowPrivilegeEscalation` to false and `privileged` to true" },
        { "securityContext: {capabilities: {add: [SYS_ADMIN]}, allowPrivilegeEscalation: false}", "spec.containers[0].securityContext: Invalid value: false: cannot set `allowPrivilegeEscalation` to false and `capabilities.add` SYS_ADMIN" },
        { "securityContext: {capabilities: {add: [FLY]}}", "spec.containers[0].securityContext.capabilities.add[0]: Invalid value: \"FLY\": must be ALL or the name of a capability, such as NET_ADMIN" },
        { "securityContext: {procMount: Unmasked}", "spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`" },
        { "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]", "spec.containers[0].restartPolicy: Required value: must be set when `restartPolicyRules` are" },
        { "restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [256]}}]", "spec.containers[0].restartPolicyRules[0].exitCodes.values[0]: Invalid value: 256: must be between 0 and 255, inclusive" },
    };

    [Theory]
    [MemberData(nameof(SpecProblems))]
    public void ValidateCreate_SpecWithAProblem_NamesIt(string spec, string expected) =>
        Assert.Equal(expected, Assert.Single(PodValidation.ValidateCreate(Pods.With(spec))).ToString());

    [Theory]
    [MemberData(nameof(ContainerProblems))]
    public void ValidateCreate_ContainerWithAProblem_NamesIt(string container, string expected) =>
        Assert.Equal(expected, Assert.Single(PodValidation.ValidateCreate(Pods.With("volumes: [{name: v}]", container))).ToString());

    [Fact]
    public void ValidateCreate_EmptyPod_ReportsAllAtOnce()
    {
        IReadOnlyList<FieldError> errors = PodValidation.ValidateCreate(new Pod { Spec = new PodSpec { Containers = { new Container { Image = " x" } } } });

        Assert.Equal(
            [
                "metadata: Required value",
                "spec.containers[0].name: Required value",
                "spec.containers[0].image: Invalid value: \" x\": must not have leading or trailing whitespace",
                "spec.containers[0].terminationMessagePolicy: Required value",
                "spec.containers[0].imagePullPolicy: Required value",
                "spec.restartPolicy: Required value",
                "spec.terminationGracePeriodSeconds: Required value",
                "spec.dnsPolicy: Unsupported value: \"\": supported values: \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\", \"None\"",
            ],
            errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("", "metadata.name: Required value: name or generateName is required")]
    [InlineData("name: A_b", "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must")]
    [InlineData("name: a, namespace: a.b", "metadata.namespace: Invalid value: \"a.b\": a lowercase RFC 1123 label must")]
    [InlineData("name: a, labels: {a/b/c: x}", "metadata.labels: Invalid value: \"a/b/c\": a qualified name has at most one '/'")]
    [InlineData("name: a, labels: {a: x y}", "metadata.labels[a]: Invalid value: \"x y\": a label value must")]
    [InlineData("name: a, annotations: {'': x}", "metadata.annotations: Invalid value: \"\": name part must not be empty")]
    [InlineData("name: a, ownerReferences: [{apiVersion: v1, kind: Node, name: node}]", "metadata.ownerReferences[0].uid: Required value")]
    public void ValidateCreate_MetadataWithAProblem_NamesIt(string metadata, string expected)
    {
        Pod pod = Pods.Read($"apiVersion: v1\nkind: Pod\nmetadata: {{{metadata}}}\nspec: {{containers: [{{name: main, image: x}}]}}");
        PodDefaults.Apply(pod);

        Assert.StartsWith(expected, Assert.Single(PodValidation.ValidateCreate(pod)).ToString());
    }

    [Fact]
    public void ValidateCreate_LongNamesAndAnnotations_AreTooLong()
    {
        Pod pod = Pods.With();
        pod.Metadata.Name = new string('a', 254);
        pod.Metadata.Annotations["a"] = new string('x', 256 * 1024);

        Assert.Equal(
            ["must be no more than 253 bytes", "may not be more than 262144 bytes"],
            PodValidation.ValidateCreate(pod).Select(error => error.Detail));
    }

    [Fact]
    public void ValidateCreate_TextThatIsNoQuantity_IsInvalidEverywhere()
    {
        Pod pod = Pods.With("volumes: [{name: v, emptyDir: {}}]", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]");
        PodAgent.Api.Resource.Quantity bad = new() { String = "lots" };
        pod.Spec.Overhead["cpu"] = bad;
        pod.Spec.Resources = new ResourceRequirements { Limits = { ["cpu"] = bad }, Requests = { ["memory"] = bad } };
        pod.Spec.Volumes[0].VolumeSource.EmptyDir.SizeLimit = bad;
        pod.Spec.Containers[0].Env[0].ValueFrom.ResourceFieldRef.Divisor = bad;
        pod.Spec.Containers[0].Resources = new ResourceRequirements { Limits = { ["cpu"] = bad }, Requests = { ["memory"] = bad, ["cpu"] = bad } };

        Assert.Equal(
            [
                "spec.volumes[0].emptyDir.sizeLimit",
                "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor",
                "spec.containers[0].resources.limits[cpu]",
                "spec.containers[0].resources.requests[memory]",
                "spec.resources.limits[cpu]",
                "spec.resources.requests[memory]",
                "spec.overhead[cpu]",
            ],
            PodValidation.ValidateCreate(pod).Select(error => error.Field));
    }

    [Fact]
    public void ValidateCreate_NameWithTrailingNewline_IsInvalid()
    {
        Pod pod = Pods.With();
        pod.Spec.Containers[0].Name = "main\n";

        Assert.Equal("spec.containers[0].name", Assert.Single(PodValidation.ValidateCreate(pod)).Field);
    }

    [Theory]
    [InlineData("ports: [{containerPort: 80, hostPort: 80}, {containerPort: 80, hostPort: 80, protocol: UDP}, {containerPort: 80, hostPort: 80, hostIP: 127.0.0.1}]")]
    [InlineData("livenessProbe: {grpc: {port: 5}}, readinessProbe: {tcpSocket: {port: web}}, startupProbe: {httpGet: {port: 80}}")]
    [InlineData("env: [{name: my.odd-name, value: a}, {name: B, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['Example.com/A']\"}}}]")]
    [InlineData("resources: {limits: {cpu: 1, hugepages-2Mi: 4Mi, example.com/gpu: 1}}")]
    [InlineData("restartPolicy: OnFailure, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: NotIn, values: [0, 255]}}]")]
    [InlineData("securityContext: {capabilities: {add: [NET_ADMIN, CAP_SYS_TIME], drop: [ALL]}, runAsUser: 0, allowPrivilegeEscalation: false}")]
    [InlineData("volumeMounts: [{name: v, mountPath: relative, readOnly: true, recursiveReadOnly: Enabled}, {name: v, mountPath: /b, subPath: a..b/c}]")]
    public void ValidateCreate_UnusualButValidContainer_HasNoProblem(string container) =>
        Assert.Empty(PodValidation.ValidateCreate(Pods.With("volumes: [{name: v}]", container)));

    [Theory]
    [InlineData("os: {name: linux}, initContainers: [{name: s, image: x, restartPolicy: Always, lifecycle: {stopSignal: SIGRTMIN+3}, livenessProbe: {exec: {command: [a]}}}]")]
    [InlineData("hostUsers: false, dnsPolicy: None, dnsConfig: {nameservers: ['::1'], searches: [., a_b.c.], options: [{name: ndots, value: '5'}]}")]
    [InlineData("securityContext: {sysctls: [{name: net.ipv4.ip_local_port_range, value: 1024 65535}, {name: net/ipv4/conf/eth0.1/forwarding, value: '1'}]}")]
    [InlineData("tolerations: [{operator: Exists}, {key: a, value: b, effect: NoExecute, tolerationSeconds: 0}]")]
    [InlineData("resources: {limits: {cpu: 2}, requests: {cpu: 1}}, hostAliases: [{ip: 1.2.3.4, hostnames: [a.b]}]")]
    public void ValidateCreate_UnusualButValidSpec_HasNoProblem(string spec) => Assert.Empty(PodValidation.ValidateCreate(Pods.With(spec)));

    [Theory]
    [MemberData(nameof(Examples))]
    public void ValidateCreate_ExampleManifest_HasNoProblem(string file)
    {
        foreach (ManifestObject item in new ManifestReader().Read(File.ReadAllBytes(file), null).Objects.Where(item => item.Message is Pod))
        {
            PodDefaults.Apply((Pod)item.Message);
            Assert.Empty(PodValidation.ValidateCreate((Pod)item.Message));
        }
    }

    public static TheoryData<string> Examples => [.. Directory.GetFiles(TestFiles.Manifests, "*.yaml")];
}
