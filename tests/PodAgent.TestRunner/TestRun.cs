using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PodAgent.TestRunner;

/// <summary>
/// Runs the tests of one assembly in this process and tells about each as it ends. A test that needs what the machine lacks (trait
/// <c>Needs</c>) is named with its reason and counted apart: the sum is the same on every machine.
/// </summary>
internal sealed class TestRun(Assembly tests, RunnerOptions options, TextWriter output)
{
    private static readonly List<string> s_nothing = [];

    /// <returns>0: all that ran have passed, and some ran unless the filter is for another assembly.</returns>
    public int Execute()
    {
        using var framework = new XunitTestFramework(new MessageSink(_ => { }));
        IReadOnlyList<ITestCase> cases = Discover(framework);
        ILookup<bool, ITestCase> possible = cases.ToLookup(test => Missing(test) is null);
        foreach (ITestCase test in possible[false].OrderBy(test => test.DisplayName, StringComparer.Ordinal))
        {
            output.WriteLine($"  not here {test.DisplayName}: needs {Missing(test)}");
        }

        if (options.ListOnly)
        {
            output.Flush();
            return 0;
        }

        var report = new TestReport(output);
        if (possible[true].Any())
        {
            using var sink = new MessageSink(report.Note);
            using ITestFrameworkExecutor executor = framework.GetExecutor(tests.GetName());
            executor.RunTests(possible[true], sink, new FrameworkOptions());
            if (!sink.Finished.WaitOne(options.Limit))
            {
                report.GiveUp(options.Limit);
            }
        }

        string counts = $"{report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped";
        output.WriteLine($"{counts}, {possible[false].Count()} not here, of {cases.Count}");
        if (options.Counts is { } file)
        {
            File.WriteAllText(file, $"{counts}\n");
        }

        output.Flush();
        bool nothingMeant = cases.Count == 0 && (options.Filter.Length > 0 || options.Part.Length > 0 || options.Need.Length > 0);
        return report.Failed == 0 && (report.Passed > 0 || nothingMeant) ? 0 : 1;
    }

    private List<ITestCase> Discover(XunitTestFramework framework)
    {
        var found = new List<ITestCase>();
        using var sink = new MessageSink(message =>
        {
            if (message is ITestCaseDiscoveryMessage { TestCase: { } test } && options.Takes(test.DisplayName)
                && (options.Need.Length == 0 || Needs(test).Contains(options.Need)))
            {
                found.Add(test);
            }
        });
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(tests));
        discoverer.Find(includeSourceInformation: false, sink, new FrameworkOptions());
        sink.Finished.WaitOne();
        return found;
    }

    private string? Missing(ITestCase test) => Needs(test).Find(options.Lacking.Contains);

    private static List<string> Needs(ITestCase test) => test.Traits.GetValueOrDefault("Needs", s_nothing);
}
