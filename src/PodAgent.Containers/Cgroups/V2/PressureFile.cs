using System.Globalization;

namespace PodAgent.Containers.Cgroups.V2;

/// <summary>Reads pressure stall information: <c>some avg10=0.00 avg60=0.00 avg300=0.00 total=0</c> and the same for <c>full</c>.</summary>
internal static class PressureFile
{
    public static PressureStats? Read(ControllerDirectory directory)
    {
        Pressure? cpu = Parse(directory.TryRead("cpu.pressure"));
        Pressure? memory = Parse(directory.TryRead("memory.pressure"));
        Pressure? io = Parse(directory.TryRead("io.pressure"));
        return cpu is null && memory is null && io is null ? null : new PressureStats(cpu, memory, io);
    }

    public static Pressure? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        PressureLine? some = null;
        PressureLine full = new(0, 0, 0, 0);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            double[] averages = [Average(fields, "avg10="), Average(fields, "avg60="), Average(fields, "avg300=")];
            var parsed = new PressureLine(averages[0], averages[1], averages[2], Total(fields));
            if (fields[0] == "some")
            {
                some = parsed;
            }
            else if (fields[0] == "full")
            {
                full = parsed;
            }
        }

        return some is null ? null : new Pressure(some, full);
    }

    private static double Average(string[] fields, string key) =>
        double.TryParse(Value(fields, key), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) ? value : 0;

    private static ulong Total(string[] fields) =>
        ulong.TryParse(Value(fields, "total="), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    private static string? Value(string[] fields, string key) =>
        fields.FirstOrDefault(f => f.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
}
