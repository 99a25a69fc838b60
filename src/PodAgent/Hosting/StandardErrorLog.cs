using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PodAgent.Hosting;

/// <summary>
/// Writes each message as one line to standard error, as the framework's console logger does, but at once and without the machinery around
/// that one: <c>2026-01-02T15:04:05.678Z info: PodAgent.Cri[6] message</c>.
/// </summary>
internal sealed class StandardErrorLog(TimeProvider time) : ILoggerProvider
{
    private readonly Stream _output = Console.OpenStandardError();
    private readonly Lock _turn = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        // Standard error belongs to the process.
    }

    private void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        lock (_turn)
        {
            try
            {
                _output.Write(bytes);
            }
            catch (IOException)
            {
                // Whoever read it has gone: there is nobody left to tell.
            }
        }
    }

    private sealed class Category(StandardErrorLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string message = exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}";
            string stamp = log.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            log.Write($"{stamp} {Word(logLevel)}: {name}[{eventId.Id}] {message.ReplaceLineEndings(" ")}\n");
        }
    }

    private TimeProvider Time { get; } = time;

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
