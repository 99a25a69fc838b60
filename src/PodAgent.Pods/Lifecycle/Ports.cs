using System.Globalization;
using PodAgent.Api.IntStr;

namespace PodAgent.Pods.Lifecycle;

/// <summary>Ports by number or by the name that a container gave them.</summary>
internal static class Ports
{
    public static int? Resolve(IntOrString? port, Core.Container container)
    {
        if (port is null)
        {
            return null;
        }

        if (port.Type == 0)
        {
            return port.IntVal is > 0 and <= 65535 ? port.IntVal : null;
        }

        Core.ContainerPort? named = container.Ports.FirstOrDefault(p => p.Name == port.StrVal);
        return named?.ContainerPort_
            ?? (int.TryParse(port.StrVal, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 65535 ? number : null);
    }
}
