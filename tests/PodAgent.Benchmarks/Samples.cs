namespace PodAgent.Benchmarks;

/// <summary>What several measurements of one thing say together.</summary>
internal static class Samples
{
    public static double Median(IEnumerable<double> values) => Summarize(values).Median;

    public static Sample Summarize(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? new Sample(double.NaN, double.NaN, double.NaN)
            : new Sample(sorted[0], sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, sorted.Length * 95 / 100)]);
    }
}
