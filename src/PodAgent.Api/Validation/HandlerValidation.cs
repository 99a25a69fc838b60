using PodAgent.Api.Core;
using PodAgent.Api.IntStr;

namespace PodAgent.Api.Validation;

/// <summary>The rules for what probes and lifecycle hooks do: exactly one of exec, httpGet, tcpSocket, grpc, sleep.</summary>
internal static class HandlerValidation
{
    private const int MaxRealtime = 15;

    // The API's 65 names: 1 to 31 as in signal(7) with RTMIN and RTMAX counted from both ends.
    private static readonly HashSet<string> s_signals =
    [
        "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO", "SIGIOT", "SIGKILL",
        "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN", "SIGRTMAX",
        .. Enumerable.Range(1, MaxRealtime).Select(number => $"SIGRTMIN+{number}"),
        .. Enumerable.Range(1, MaxRealtime - 1).Select(number => $"SIGRTMAX-{number}"),
    ];

    public static void ValidateLifecycle(Lifecycle? lifecycle, string path, PodSpec spec, FieldErrors errors)
    {
        if (lifecycle is null)
        {
            return;
        }

        ValidateHook(lifecycle.PostStart, path + ".postStart", spec, errors);
        ValidateHook(lifecycle.PreStop, path + ".preStop", spec, errors);
        if (!lifecycle.HasStopSignal)
        {
            return;
        }

        if (spec.Os is null || spec.Os.Name.Length == 0)
        {
            errors.Forbidden(path + ".stopSignal", "may not be set for containers with empty `spec.os.name`");
        }
        else if (!s_signals.Contains(lifecycle.StopSignal))
        {
            errors.OneOf(path + ".stopSignal", lifecycle.StopSignal, [.. s_signals.Order(StringComparer.Ordinal)]);
        }
    }

    public static void Validate(ProbeHandler handler, string path, FieldErrors errors)
    {
        int count = 0;
        if (Next(handler.Exec, path + ".exec", ref count, errors))
        {
            ValidateExec(handler.Exec!, path + ".exec", errors);
        }

        if (Next(handler.HttpGet, path + ".httpGet", ref count, errors))
        {
            ValidateHttp(handler.HttpGet!, path + ".httpGet", errors);
        }

        if (Next(handler.TcpSocket, path + ".tcpSocket", ref count, errors))
        {
            ValidatePort(handler.TcpSocket!.Port, path + ".tcpSocket.port", errors);
        }

        if (Next(handler.Grpc, path + ".grpc", ref count, errors))
        {
            errors.Invalid(path + ".grpc.port", handler.Grpc!.Port, NameRules.Port(handler.Grpc.Port));
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }
    }

    private static void ValidateHook(LifecycleHandler? hook, string path, PodSpec spec, FieldErrors errors)
    {
        if (hook is null)
        {
            return;
        }

        int count = 0;
        if (Next(hook.Exec, path + ".exec", ref count, errors))
        {
            ValidateExec(hook.Exec!, path + ".exec", errors);
        }

        if (Next(hook.HttpGet, path + ".httpGet", ref count, errors))
        {
            ValidateHttp(hook.HttpGet!, path + ".httpGet", errors);
        }

        if (Next(hook.TcpSocket, path + ".tcpSocket", ref count, errors))
        {
            ValidatePort(hook.TcpSocket!.Port, path + ".tcpSocket.port", errors);
        }

        if (Next(hook.Sleep, path + ".sleep", ref count, errors))
        {
            long longest = spec.TerminationGracePeriodSeconds;
            if (hook.Sleep!.Seconds < 0 || hook.Sleep.Seconds > longest)
            {
                errors.Invalid(path + ".sleep", hook.Sleep.Seconds,
                    $"must be non-negative and less than or equal to terminationGracePeriodSeconds ({longest})");
            }
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }
    }

    /// <summary>Whether this handler is the first one.</summary>
    private static bool Next(object? handler, string path, ref int count, FieldErrors errors)
    {
        if (handler is null)
        {
            return false;
        }

        count++;
        if (count > 1)
        {
            errors.Forbidden(path, "may not specify more than 1 handler type");
        }

        return count == 1;
    }

    private static void ValidateExec(ExecAction exec, string path, FieldErrors errors)
    {
        if (exec.Command.Count == 0)
        {
            errors.Required(path + ".command");
        }
    }

    private static void ValidateHttp(HTTPGetAction http, string path, FieldErrors errors)
    {
        if (http.Path.Length == 0)
        {
            errors.Required(path + ".path");
        }

        ValidatePort(http.Port, path + ".port", errors);
        errors.OneOf(path + ".scheme", http.Scheme, "HTTP", "HTTPS");
        for (int index = 0; index < http.HttpHeaders.Count; index++)
        {
            string name = http.HttpHeaders[index].Name;
            errors.Invalid($"{path}.httpHeaders[{index}].name", name, NameRules.HeaderName(name));
        }
    }

    private static void ValidatePort(IntOrString? port, string path, FieldErrors errors)
    {
        if (port is { Type: 1 })
        {
            errors.Invalid(path, port.StrVal, NameRules.PortName(port.StrVal));
        }
        else
        {
            errors.Invalid(path, port?.IntVal ?? 0, NameRules.Port(port?.IntVal ?? 0));
        }
    }
}
