using System.Globalization;
using Xunit.Abstractions;

namespace PodAgent.TestRunner;

/// <summary>One line for each test, and for a failed one its cause; counts.</summary>
internal sealed class TestReport(TextWriter output)
{
    private readonly HashSet<string> _running = [];

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    public void Note(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestStarting starting:
                _running.Add(starting.Test.DisplayName);
                break;
            case ITestPassed passed:
                Passed++;
                End("passed  ", passed.Test, passed.ExecutionTime);
                break;
            case ITestSkipped skipped:
                Skipped++;
                End("skipped ", skipped.Test, 0);
                output.WriteLine($"    {skipped.Reason}");
                break;
            case ITestFailed failed:
                Failed++;
                End("FAILED  ", failed.Test, failed.ExecutionTime);
                Explain(failed);
                if (failed.Output.Length > 0)
                {
                    output.WriteLine(failed.Output);
                }

                break;
            // An error outside of a test: a fixture that cannot be made or not be cleaned up.
            case IFailureInformation failure:
                Failed++;
                output.WriteLine($"  FAILED   {message.GetType().Name} of {string.Join(", ", ((IExecutionMessage)message).TestCases.Select(test => test.DisplayName))}");
                Explain(failure);
                break;
        }
    }

    /// <summary>Names what still runs, as one failure each.</summary>
    public void GiveUp(TimeSpan limit)
    {
        foreach (string test in _running)
        {
            output.WriteLine($"  FAILED   {test} does not end; the limit of {limit} is over");
        }

        Failed += Math.Max(_running.Count, 1);
    }

    private void End(string outcome, ITest test, decimal seconds)
    {
        _running.Remove(test.DisplayName);
        output.WriteLine($"  {outcome} {test.DisplayName} [{seconds.ToString("0.0", CultureInfo.InvariantCulture)} s]");
    }

    private void Explain(IFailureInformation failure)
    {
        for (int i = 0; i < failure.Messages.Length; i++)
        {
            output.WriteLine($"    {failure.ExceptionTypes[i]}: {failure.Messages[i].ReplaceLineEndings("\n    ")}");
            foreach (string frame in (failure.StackTraces[i] ?? "").Split('\n').Where(frame => !frame.Contains("Xunit.Sdk.", StringComparison.Ordinal)))
            {
                output.WriteLine($"    {frame}");
            }
        }
    }
}
