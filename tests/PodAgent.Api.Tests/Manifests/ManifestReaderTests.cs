using System.Text;
using PodAgent.Api.Core;
using PodAgent.Api.Manifests;

namespace PodAgent.Api.Tests.Manifests;

public class ManifestReaderTests
{
    [Fact]
    public void Read_Pod_FillsTheMessage()
    {
        Pod pod = ReadPod("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels: {app: web, "8080": "yes"}
            spec:
              hostUsers: no
              containers:
              - name: main   # the one
                image: nginx:1.27
                command: ["/bin/sh", '-c', "echo \u00e9"]
                ports:
                - {containerPort: 80, name: http}
                resources:
                  limits: {cpu: 0.5, memory: 1024Mi}
                livenessProbe:
                  httpGet: {port: http, path: /healthz}
                  periodSeconds: 0x10
                env:
                - name: A
                  valueFrom:
                    configMapKeyRef: {name: settings, key: a, optional: true}
              volumes:
              - name: data
                configMap: {name: settings, defaultMode: 0644}
              terminationGracePeriodSeconds: null
            """);

        Container container = pod.Spec.Containers[0];
        Assert.Equal("web", pod.Metadata.Name);
        Assert.Equal("yes", pod.Metadata.Labels["8080"]);
        Assert.True(pod.Spec.HasHostUsers);
        Assert.False(pod.Spec.HostUsers);
        Assert.False(pod.Spec.HasTerminationGracePeriodSeconds);
        Assert.Equal(["/bin/sh", "-c", "echo é"], container.Command);
        Assert.Equal("500m", container.Resources.Limits["cpu"].String);
        Assert.Equal("1Gi", container.Resources.Limits["memory"].String);
        Assert.Equal("http", container.LivenessProbe.Handler.HttpGet.Port.StrVal);
        Assert.Equal(16, container.LivenessProbe.PeriodSeconds);
        Assert.Equal("settings", container.Env[0].ValueFrom.ConfigMapKeyRef.LocalObjectReference.Name);
        Assert.Equal(0x1a4, pod.Spec.Volumes[0].VolumeSource.ConfigMap.DefaultMode);
    }

    [Fact]
    public void Read_ManyMistakes_ReportsEachWithItsPlace()
    {
        ManifestReadResult result = Read("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: 8080
              labels: {a: true}
              creationTimestamp: yesterday
            spec:
              containers:
              - name: main
                imgae: nginx
                ports:
                - containerPort: "80a"
                - containerPort: 3000000000
                resources:
                  limits: {cpu: lots}
                args: run
                tty: 1
              - main
              restartPolicy: Never
              restartPolicy: Always
            """, "pod.yaml");

        Assert.Empty(result.Objects);
        Assert.Equal(
            [
                "pod.yaml:4:9: metadata.name: expected string, got number 8080; quote it: \"8080\"",
                "pod.yaml:5:15: metadata.labels[a]: expected string, got boolean true; quote it: \"true\"",
                "pod.yaml:6:22: metadata.creationTimestamp: expected time such as \"2026-01-02T15:04:05Z\", got string \"yesterday\"",
                "pod.yaml:10:5: spec.containers[0].imgae: unknown field, did you mean \"image\"?",
                "pod.yaml:12:22: spec.containers[0].ports[0].containerPort: expected integer, got string \"80a\"",
                "pod.yaml:13:22: spec.containers[0].ports[1].containerPort: number 3000000000 is out of range, must be between -2147483648 and 2147483647",
                "pod.yaml:15:21: spec.containers[0].resources.limits[cpu]: expected quantity such as \"500m\" or \"1Gi\", got string \"lots\"",
                "pod.yaml:16:11: spec.containers[0].args: expected list, got string \"run\"",
                "pod.yaml:17:10: spec.containers[0].tty: expected boolean, got number 1",
                "pod.yaml:18:5: spec.containers[1]: expected object, got string \"main\"",
                "pod.yaml:20:3: spec.restartPolicy: duplicate key, first on line 19",
            ],
            result.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Read_JsonMistakes_HaveTheirPlaces()
    {
        ManifestReadResult result = Read("{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\",\n\t\"spec\": {\"é\": 1, \"hostNetwork\": \"x\",\n  \"nodeName\": 1, \"nodeName\": \"a\"}\n}", "pod.json");

        Assert.Equal(
            [
                "pod.json:3:11: spec.é: unknown field",
                "pod.json:3:34: spec.hostNetwork: expected boolean, got string \"x\"",
                "pod.json:4:15: spec.nodeName: expected string, got number 1; quote it: \"1\"",
                "pod.json:4:18: spec.nodeName: duplicate key, first on line 4",
            ],
            result.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Read_SeveralDocuments_SkipsEmptyOnesAndTakesListsApart()
    {
        ManifestReadResult result = Read("""
            # comment only
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            data:
              text: |
                one
                two
            ---
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: b}}
            - apiVersion: v1
              kind: PodList
              metadata: {}
              items:
              - metadata: {name: c}
            ...
            ---
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": {"renewTime": "2026-01-02T03:04:05.123456Z"}}
            """);

        Assert.Empty(result.Problems);
        Assert.Equal(["ConfigMap 3", "Pod 15", "Pod 20", "Lease 23"], result.Objects.Select(item => $"{item.Kind} {item.Line}"));
        Assert.Equal("one\ntwo\n", ((ConfigMap)result.Objects[0].Message).Data["text"]);
        Assert.Equal(123456000, ((Coordination.Lease)result.Objects[3].Message).Spec.RenewTime.Nanos);
    }

    [Theory]
    [InlineData("kind: Pod", "1:1: apiVersion: required field is missing")]
    [InlineData("apiVersion: v1", "1:1: kind: required field is missing")]
    [InlineData("apiVersion: v1\nkind: pod", "2:7: kind: unknown kind \"pod\", did you mean \"Pod\"? (supported: ")]
    [InlineData("apiVersion: apps/v1\nkind: Deployment", "2:7: kind: unknown kind \"Deployment\" (supported: ConfigMap, Event, Lease, List, ")]
    [InlineData("apiVersion: v2\nkind: Pod", "1:13: apiVersion: kind Pod has no version \"v2\" here, did you mean \"v1\"?")]
    [InlineData("- a", "1:1: expected an object with apiVersion and kind, got list")]
    [InlineData("a: b: c", "1:5: invalid YAML: ")]
    [InlineData("a:\n\t- b", "2:1: invalid YAML: a tab cannot be used for indentation, use spaces")]
    [InlineData("a: *nothing", "1:4: alias *nothing has no anchor before it")]
    [InlineData("trail *w: v", "1:1: invalid YAML: a colon after unquoted text that is not read as a key; put \"trail *w\" in quotes")]
    [InlineData("a:\n- run *.sh:\tx", "2:3: invalid YAML: a colon after unquoted text that is not read as a key; put \"run *.sh\" in quotes")]
    [InlineData("a: {b:}", "1:5: invalid YAML: a colon after unquoted text that is not read as a key; put \"b\" in quotes")]
    [InlineData("a: &x [*x]", "1:8: alias *x stands inside the value that it names")]
    [InlineData("a: !!binary aGk=", "1:4: tag !!binary is not supported here")]
    [InlineData("a: !custom b", "1:4: tag !custom is not supported here")]
    [InlineData("yes: 1", "1:1: key yes reads as a boolean in YAML; quote it: \"yes\"")]
    [InlineData("{\"apiVersion\": \"v1\",,}", "1:21: invalid JSON: unexpected character ','")]
    public void Read_UnusableDocument_SaysWhy(string text, string expected)
    {
        ManifestProblem problem = Assert.Single(Read(text).Problems);

        Assert.StartsWith(expected, problem.ToString());
    }

    [Fact]
    public void Read_AnchorsAndMergeKeys_AreExpanded()
    {
        Pod pod = ReadPod("""
            apiVersion: v1
            kind: Pod
            metadata: &meta {name: a, namespace: here}
            spec:
              containers:
              - &base {name: one, image: busybox, tty: true}
              - <<: *base
                name: two
              - <<: [{image: nginx}, *base]
                name: three
            """);

        Assert.Equal(["busybox", "busybox", "nginx"], pod.Spec.Containers.Select(container => container.Image));
        Assert.Equal(["one", "two", "three"], pod.Spec.Containers.Select(container => container.Name));
        Assert.True(pod.Spec.Containers[2].Tty);
    }

    [Fact]
    public void Read_AliasBomb_IsRefusedQuickly()
    {
        StringBuilder text = new("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 12; level++)
        {
            text.Append($"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 9))}]\n");
        }

        ManifestProblem problem = Assert.Single(Read(text.ToString()).Problems);

        Assert.Contains("more than 100000 values", problem.Message);
    }

    [Fact]
    public void Read_ThousandsOfMistakes_SaysThatTheListEnds()
    {
        string text = "apiVersion: v1\nkind: Pod\nspec:\n" + string.Concat(Enumerable.Range(0, 5000).Select(number => $"  field{number}: 1\n"));

        IReadOnlyList<ManifestProblem> problems = Read(text).Problems;

        Assert.Equal(501, problems.Count);
        Assert.Equal("504:3: too many problems, those from here on are not listed", problems[^1].ToString());
    }

    [Theory]
    [InlineData("pod.yaml")]
    [InlineData("pod.json")]
    public void Read_DeepNesting_IsRefused(string name)
    {
        string text = new string('[', 20_000) + new string(']', 20_000);

        ManifestProblem problem = Assert.Single(Read(text, name).Problems);

        Assert.Contains("nested deeper than 100 levels", problem.Message);
    }

    [Fact]
    public void Read_TooLargeFile_IsRefused()
    {
        ManifestProblem problem = Assert.Single(new ManifestReader().Read(new byte[(10 * 1024 * 1024) + 1], "big.yaml").Problems);

        Assert.Contains("at most 10485760 are read", problem.Message);
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_NamesTheirPlace()
    {
        ManifestProblem problem = Assert.Single(new ManifestReader().Read("a: b\nc: "u8.ToArray().Append((byte)0xff).ToArray(), "x.yaml").Problems);

        Assert.Equal("x.yaml:2:4: file is not valid UTF-8", problem.ToString());
    }

    [Fact]
    public void Read_ByteOrderMark_IsSkipped()
    {
        ManifestReadResult result = new ManifestReader().Read(Encoding.UTF8.GetPreamble().Concat("apiVersion: v1\nkind: Pod\n"u8.ToArray()).ToArray(), null);

        Assert.Single(result.Objects);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void Read_SecretWithStringData_MovesItIntoData()
    {
        ManifestReadResult result = Read("apiVersion: v1\nkind: Secret\ndata: {a: aGk=, b: aGk=}\nstringData: {b: there}\n");

        Secret secret = (Secret)result.Objects.Single().Message;
        Assert.Equal("hi", secret.Data["a"].ToStringUtf8());
        Assert.Equal("there", secret.Data["b"].ToStringUtf8());
        Assert.Empty(secret.StringData);
        Assert.Equal("Opaque", secret.Type);
    }

    [Fact]
    public void Read_SecretWithBrokenBase64_DoesNotShowTheValue()
    {
        ManifestProblem problem = Assert.Single(Read("apiVersion: v1\nkind: Secret\ndata: {a: hunter2!}\n").Problems);

        Assert.DoesNotContain("hunter2", problem.ToString());
        Assert.Equal("data[a]", problem.Path);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("On", true)]
    [InlineData("TRUE", true)]
    [InlineData("off", false)]
    public void Read_BooleanOfYaml11_IsABoolean(string text, bool expected)
    {
        Pod pod = ReadPod($"apiVersion: v1\nkind: Pod\nspec: {{hostNetwork: {text}}}");

        Assert.Equal(expected, pod.Spec.HostNetwork);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("1_000")]
    [InlineData("0x1F")]
    [InlineData("1e3")]
    [InlineData(".5")]
    [InlineData("-.inf")]
    public void Read_PlainScalarForAString_AsksForQuotes(string text)
    {
        ManifestProblem problem = Assert.Single(Read($"apiVersion: v1\nkind: Pod\nspec: {{nodeName: {text}}}").Problems);

        Assert.EndsWith($"; quote it: \"{text}\"", problem.Message);
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("1:30")]
    [InlineData("2026-01-02")]
    [InlineData("0x")]
    [InlineData("+a")]
    [InlineData("1e8080")]
    [InlineData("no-one")]
    public void Read_PlainTextThatOnlyLooksLikeANumber_IsAString(string text)
    {
        Pod pod = ReadPod($"apiVersion: v1\nkind: Pod\nspec: {{nodeName: {text}}}");

        Assert.Equal(text, pod.Spec.NodeName);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Read_ExampleManifest_HasNoProblem(string file)
    {
        ManifestReadResult result = new ManifestReader().Read(File.ReadAllBytes(file), Path.GetFileName(file));

        Assert.Empty(result.Problems);
        Assert.NotEmpty(result.Objects);
    }

    public static TheoryData<string> Examples => [.. Directory.GetFiles(TestFiles.Manifests, "*.yaml")];

    private static ManifestReadResult Read(string text, string? name = null) => new ManifestReader().Read(Encoding.UTF8.GetBytes(text), name);

    private static Pod ReadPod(string text)
    {
        ManifestReadResult result = Read(text);
        Assert.Empty(result.Problems);
        return (Pod)Assert.Single(result.Objects).Message;
    }
}
