namespace PodAgent.Linux.Systemd;

/// <summary>
/// The service manager's interface for units (org.freedesktop.systemd1(5)). Connects on the first call, and again when the manager has
/// executed itself anew. Safe for several threads; their calls take turns, as they would in the manager, which has one thread.
/// </summary>
public sealed class SystemdUnits : IUnits, IDisposable
{
    private const string Path = "/org/freedesktop/systemd1";
    private const string Interface = SystemdConnection.Service + ".Manager";
    private const string UnitExists = SystemdConnection.Service + ".UnitExists";
    private const string NoSuchUnit = SystemdConnection.Service + ".NoSuchUnit";

    // A manager that reloads all its units does not answer meanwhile.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly Lock _one = new();
    private readonly string _socket;
    private readonly TimeProvider _time;
    private SystemdConnection? _connection;

    /// <param name="socket">The manager's own socket; where it does not exist, the system bus is used.</param>
    /// <param name="time">For limits of time; null: the machine's.</param>
    public SystemdUnits(string socket = SystemdConnection.PrivateSocket, TimeProvider? time = null)
    {
        _socket = socket;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The manager's version.</summary>
    /// <exception cref="AgentException">It cannot be reached.</exception>
    public string Version() => Property(Path, Interface, "Version", "s") ?? "";

    /// <inheritdoc/>
    public bool StartTransientUnit(string name, IReadOnlyList<UnitProperty> properties) => WithConnection(connection =>
    {
        using BusMessage call = connection.NewCall(Path, Interface, "StartTransientUnit").Append(name).Append("replace").Begin('a', "(sv)");
        Append(call, properties).End().Begin('a', "(sa(sv))").End();
        using BusMessage reply = connection.Call(call, s_limit);
        if (reply.IsError(UnitExists))
        {
            return false;
        }

        WaitForJob(connection, JobOf(reply, "start", name), "start", name);
        return true;
    });

    /// <inheritdoc/>
    public bool StopUnit(string name) => WithConnection(connection =>
    {
        using BusMessage call = connection.NewCall(Path, Interface, "StopUnit").Append(name).Append("replace");
        using BusMessage reply = connection.Call(call, s_limit);
        if (reply.IsError(NoSuchUnit))
        {
            return false;
        }

        WaitForJob(connection, JobOf(reply, "stop", name), "stop", name);
        return true;
    });

    /// <inheritdoc/>
    public bool SetUnitProperties(string name, IReadOnlyList<UnitProperty> properties)
    {
        bool known = WithConnection(connection =>
        {
            using BusMessage call = connection.NewCall(Path, Interface, "SetUnitProperties").Append(name).Append(true).Begin('a', "(sv)");
            Append(call, properties).End();
            using BusMessage reply = connection.Call(call, s_limit);
            return !reply.IsError(NoSuchUnit) && Accepted(reply, $"set {string.Join(", ", properties)} of", name);
        });

        // It writes control groups between two messages: when the next one is answered, this has happened.
        _ = known ? Version() : null;
        return known;
    }

    /// <inheritdoc/>
    public void ResetFailedUnit(string name) => WithConnection(connection =>
    {
        using BusMessage call = connection.NewCall(Path, Interface, "ResetFailedUnit").Append(name);
        using BusMessage reply = connection.Call(call, s_limit);
        return reply.IsError(NoSuchUnit) || Accepted(reply, "reset", name);
    });

    /// <inheritdoc/>
    public string? ActiveState(string name)
    {
        string? unit = WithConnection(connection =>
        {
            using BusMessage call = connection.NewCall(Path, Interface, "GetUnit").Append(name);
            using BusMessage reply = connection.Call(call, s_limit);
            return !reply.IsError(NoSuchUnit) && Accepted(reply, "find", name) ? reply.ReadText('o') : null;
        });
        return unit is null ? null : Property(unit, SystemdConnection.Service + ".Unit", "ActiveState", "s");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_one)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    private static BusMessage Append(BusMessage call, IReadOnlyList<UnitProperty> properties)
    {
        foreach (UnitProperty property in properties)
        {
            property.AppendTo(call);
        }

        return call;
    }

    private static string JobOf(BusMessage reply, string what, string unit) => Accepted(reply, what, unit) ? reply.ReadText('o') ?? "" : "";

    private static bool Accepted(BusMessage reply, string what, string unit) => !reply.IsError(null)
        ? true
        : throw new AgentException(ErrorKind.FailedPrecondition, $"systemd cannot {what} unit \"{unit}\": {reply.ReadText() ?? "it does not say why"}");

    // JobRemoved(u id, o job, s unit, s result); it follows the answer that names the job.
    private static void WaitForJob(SystemdConnection connection, string job, string what, string unit)
    {
        string? result = null;
        connection.WaitFor(
            message =>
            {
                if (!message.IsSignal(Interface, "JobRemoved"))
                {
                    return false;
                }

                _ = message.ReadNumber();
                if (message.ReadText('o') != job)
                {
                    return false;
                }

                _ = message.ReadText();
                result = message.ReadText();
                return true;
            },
            s_limit,
            $"systemd did not {what} unit \"{unit}\"").Dispose();
        if (result is not ("done" or "skipped"))
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"systemd cannot {what} unit \"{unit}\": the job ended as \"{result}\"");
        }
    }

    private string? Property(string path, string interfaceName, string name, string type) => WithConnection(connection =>
    {
        using BusMessage call = connection.NewCall(path, "org.freedesktop.DBus.Properties", "Get").Append(interfaceName).Append(name);
        using BusMessage reply = connection.Call(call, s_limit);

        // A unit may go between the question for its path and this one.
        return reply.IsError(null) ? null : reply.Enter('v', type).ReadText();
    });

    // A second try for a manager that has executed itself anew; each call finds out by itself what the first one did.
    private T WithConnection<T>(Func<SystemdConnection, T> work)
    {
        lock (_one)
        {
            try
            {
                return work(_connection ??= SystemdConnection.Open(_socket, _time));
            }
            catch (ConnectionLostException)
            {
                Drop();
            }
            catch (AgentException failure) when (failure.Kind == ErrorKind.DeadlineExceeded)
            {
                // An answer that comes late must not be taken for another's.
                Drop();
                throw;
            }

            try
            {
                return work(_connection = SystemdConnection.Open(_socket, _time));
            }
            catch (ConnectionLostException lost)
            {
                Drop();
                throw new AgentException(ErrorKind.Unavailable, $"cannot reach systemd: {lost.Message}", lost);
            }
        }
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
