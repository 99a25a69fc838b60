namespace PodAgent.Containers.Cgroups;

/// <summary>
/// Translates cpu.shares (2..262144, one CPU = 1024) into cpu.weight (1..10000, default 100). The curve goes through (2, 1), (1024, 100)
/// and (262144, 10000), so that a container that asks for one CPU weighs as much as a process outside of all containers.
/// </summary>
public static class CpuWeight
{
    /// <summary>The weight for a number of shares; 0 (not set) stays 0.</summary>
    public static ulong FromShares(ulong shares)
    {
        switch (shares)
        {
            case 0:
                return 0;
            case <= 2:
                return 1;
            case >= 262144:
                return 10000;
        }

        double l = Math.Log2(shares);
        double exponent = (((l * l) + (125 * l)) / 612.0) - (7.0 / 34.0);
        return (ulong)Math.Ceiling(Math.Pow(10, exponent));
    }
}
