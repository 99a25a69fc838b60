using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Interop;

/// <summary>Runs the scripts of this folder; the modules come from <c>hack/interop-deps.sh</c>.</summary>
internal static class Node
{
    private static readonly string s_root = FindRoot();

    public static string Protos => Path.Combine(s_root, "protos");

    public static Process Start(string script, params string[] arguments)
    {
        string modules = Path.Combine(s_root, "artifacts", "interop", "node_modules");
        Assert.True(Directory.Exists(modules), "the Node modules are missing: run hack/interop-deps.sh");
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(s_root, "tests", "PodAgent.Rpc.Tests", "Interop", script));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["NODE_PATH"] = modules;
        return Process.Start(start)!;
    }

    /// <summary>Writes the certificates of the tests where the scripts find them.</summary>
    public static void WriteCertificates(string directory)
    {
        File.WriteAllText(Path.Combine(directory, "ca.pem"), TestCertificates.Authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "server.pem"), TestCertificates.Server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "server.key"), KeyPem(TestCertificates.Server));
        File.WriteAllText(Path.Combine(directory, "client.pem"), TestCertificates.Client.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "client.key"), KeyPem(TestCertificates.Client));
    }

    private static string KeyPem(X509Certificate2 certificate) =>
        certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "PodAgent.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("the tests do not run below the repository");
    }
}
