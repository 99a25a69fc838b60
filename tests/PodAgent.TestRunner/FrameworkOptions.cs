using Xunit;
using Xunit.Abstractions;

namespace PodAgent.TestRunner;

/// <summary>The test framework's options: all at their defaults, which the assemblies' attributes override.</summary>
internal sealed class FrameworkOptions : LongLivedMarshalByRefObject, ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = [];

    public TValue? GetValue<TValue>(string name) => _values.TryGetValue(name, out object? value) ? (TValue?)value : default;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}
