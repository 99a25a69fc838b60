using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PodAgent.EndToEnd.Harness;

/// <summary>Debian's <c>docker-registry</c> on loopback, with a storage of its own.</summary>
internal sealed class DockerRegistry : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-registry-").FullName;
    private readonly StringBuilder _log = new();
    private Process? _process;

    private DockerRegistry(int port) => Port = port;

    public int Port { get; }

    public string Authority => $"127.0.0.1:{Port}";

    /// <summary>Everything it has logged, its access log included.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="http">More settings below <c>http</c>, one line, in YAML's flow style.</param>
    /// <param name="auth">Settings of <c>auth</c>, likewise; empty: everybody may do everything.</param>
    /// <param name="files">Written to its directory, which settings call <c>DIR</c>.</param>
    public static async Task<DockerRegistry> StartAsync(string http = "", string auth = "", IReadOnlyDictionary<string, string>? files = null)
    {
        var registry = new DockerRegistry(FreePort());
        foreach ((string name, string content) in files ?? new Dictionary<string, string>())
        {
            await File.WriteAllTextAsync(Path.Combine(registry._directory, name), content);
        }

        string settings = Path.Combine(registry._directory, "config.yml");
        string more = http.Length > 0 ? ", " + http : "";
        string authentication = auth.Length > 0 ? "auth: {" + auth + "}" : "";
        await File.WriteAllTextAsync(
            settings,
            $$"""
            version: 0.1
            storage: {filesystem: {rootdirectory: DIR/data} }
            http: {addr: "{{registry.Authority}}"{{more}} }
            {{authentication}}
            """.Replace("DIR", registry._directory, StringComparison.Ordinal));
        registry._process = Command.Start("docker-registry", ["serve", settings]);
        registry._process.OutputDataReceived += registry.Note;
        registry._process.ErrorDataReceived += registry.Note;
        registry._process.BeginOutputReadLine();
        registry._process.BeginErrorReadLine();
        await registry.UntilListeningAsync();
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private async Task UntilListeningAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException) when (!_process!.HasExited && !limit.IsCancellationRequested)
            {
                await Task.Delay(20);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                throw new InvalidOperationException($"docker-registry does not listen\n{Log}", e);
            }
        }
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
