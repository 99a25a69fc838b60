namespace PodAgent.Benchmarks;

/// <summary>What several measurements of one thing say together.</summary>
internal static class Samples
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
