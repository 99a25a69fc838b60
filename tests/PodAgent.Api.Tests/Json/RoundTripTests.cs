using System.Collections;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using PodAgent.Api.Coordination;
using PodAgent.Api.Core;
using PodAgent.Api.Defaults;
using PodAgent.Api.Json;
using PodAgent.Api.Manifests;
using PodAgent.Api.Resource;
using PodAgent.Api.Validation;
using PodAgent.Api.Yaml;

namespace PodAgent.Api.Tests.Json;

/// <summary>What is written is read back as the same, for any object.</summary>
public class RoundTripTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Fact]
    public void Json_OfAnyObject_IsReadBack()
    {
        Check<Pod>(JsonThereAndBack);
        Check<Node>(JsonThereAndBack);
        Check<Event>(JsonThereAndBack);
        Check<Service>(JsonThereAndBack);
        Check<Lease>(JsonThereAndBack);
        Check<ConfigMap>(JsonThereAndBack);
        Check<PersistentVolumeClaim>(JsonThereAndBack);
    }

    [Fact]
    public void Yaml_OfAnyObject_IsReadBack()
    {
        Check<Pod>(YamlThereAndBack);
        Check<Node>(YamlThereAndBack);
        Check<Event>(YamlThereAndBack);
        Check<ConfigMap>(YamlThereAndBack);
    }

    [Fact]
    public void Defaults_AppliedTwice_ChangeNothing() =>
        Check<Pod>(pod =>
        {
            PodDefaults.Apply(pod);
            Pod again = pod.Clone();
            PodDefaults.Apply(again);
            Assert.Equal(pod, again);
        });

    [Fact]
    public void Defaults_EveryQuantityOfASpecification_IsCanonical() =>
        Check<Pod>(pod =>
        {
            pod.Spec ??= new PodSpec();
            foreach (Quantity quantity in Quantities(pod.Spec))
            {
                quantity.String = "0.5";
            }

            PodDefaults.Apply(pod);

            Assert.All(Quantities(pod.Spec), quantity => Assert.NotEqual("0.5", quantity.String));
        });

    private static IEnumerable<Quantity> Quantities(object? value) => value switch
    {
        Quantity quantity => [quantity],
        IMessage message => message.Descriptor.Fields.InDeclarationOrder().SelectMany(field => Quantities(field.Accessor.GetValue(message))),
        IDictionary map => map.Values.Cast<object?>().SelectMany(Quantities),
        IList list => list.Cast<object?>().SelectMany(Quantities),
        _ => [],
    };

    [Fact]
    public void Validation_OfAnyPod_EndsWithResultsThatNameTheirField() =>
        Check<Pod>(pod =>
        {
            Assert.All(PodValidation.ValidateCreate(pod), error => Assert.NotEmpty(error.Field));
            Assert.DoesNotContain(PodValidation.ValidateUpdate(pod, pod), error => error.Detail.Contains("changed:", StringComparison.Ordinal));
        });

    [Fact]
    public void Difference_OfAPodAndItself_IsNone() =>
        Check<Pod>(pod => Assert.Empty(MessageDifference.Find(pod, Pod.Parser.ParseFrom(pod.ToByteString()))));

    [Fact]
    public void Reader_OfArbitraryText_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            new ManifestReader().Read(Encoding.UTF8.GetBytes(text ?? ""), null);
            new ManifestReader().Read(Encoding.UTF8.GetBytes(text ?? ""), "a.json");
        }).Check(s_config);

    [Fact]
    public void Reader_OfDamagedManifest_NeverThrows() =>
        Prop.ForAll(MessageGenerator.Of<Pod>(), ArbMap.Default.ArbFor<int>(), (pod, seed) =>
        {
            Random random = new(seed);
            byte[] yaml = Encoding.UTF8.GetBytes(KubernetesYaml.Write(pod));
            for (int count = 0; count < 5; count++)
            {
                yaml[random.Next(yaml.Length)] = (byte)random.Next(1, 127);
            }

            new ManifestReader().Read(yaml, null);
        }).Check(s_config);

    private static void JsonThereAndBack<T>(T message)
        where T : class, IMessage<T>, new()
    {
        string json = KubernetesJson.Write(message);

        Assert.Equal(json, KubernetesJson.Write(KubernetesJson.Parse<T>(json)));
    }

    private static void YamlThereAndBack<T>(T message)
        where T : class, IMessage<T>, new()
    {
        string yaml = KubernetesYaml.Write(message);
        ManifestReadResult result = new ManifestReader().Read(Encoding.UTF8.GetBytes(yaml), null);

        Assert.Empty(result.Problems);
        Assert.Equal(KubernetesJson.Write(message), KubernetesJson.Write(Assert.Single(result.Objects).Message));
    }

    private static void Check<T>(Action<T> property)
        where T : class, IMessage<T>, new() => Prop.ForAll(MessageGenerator.Of<T>(), property).Check(s_config);
}
