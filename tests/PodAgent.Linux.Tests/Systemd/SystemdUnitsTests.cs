using PodAgent.Linux.Systemd;

namespace PodAgent.Linux.Tests.Systemd;

/// <summary>What goes over the wire to the service manager, and what its answers mean.</summary>
public sealed class SystemdUnitsTests : IDisposable
{
    private const string Job = "/org/freedesktop/systemd1/job/1";
    private readonly BusPeer _peer = new();
    private readonly SystemdUnits _manager;

    public SystemdUnitsTests() => _manager = new SystemdUnits(_peer.Path);

    public void Dispose()
    {
        _manager.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void StartTransientUnit_Properties_AreSentByTypeAndTheJobIsAwaited()
    {
        _peer.Answer = (peer, call) =>
        {
            peer.Return(call, "o", body => body.Text(Job));
            peer.JobRemoved("/org/freedesktop/systemd1/job/2", "a.scope", "failed");
            peer.JobRemoved(Job, "a.scope", "done");
        };

        Assert.True(_manager.StartTransientUnit(
            "a.scope",
            [
                UnitProperty.Text("Slice", "é.slice"),
                UnitProperty.Switch("Delegate", true),
                UnitProperty.Number("MemoryMax", UnitProperty.Infinity),
                UnitProperty.Numbers("PIDs", 1, 4711),
                UnitProperty.Bytes("AllowedCPUs", [0x03, 0x80]),
            ]));

        Assert.Equal(
            "StartTransientUnit(\"a.scope\",\"replace\",[\"Slice\"=\"é.slice\" \"Delegate\"=true \"MemoryMax\"=18446744073709551615 \"PIDs\"=[1 4711] \"AllowedCPUs\"=[03 80]],[])",
            Assert.Single(_peer.Calls));
    }

    [Fact]
    public void StartTransientUnit_NameThatIsTaken_IsFalse()
    {
        _peer.Answer = (peer, call) => peer.Fail(call, "org.freedesktop.systemd1.UnitExists", "Unit a.scope already exists.");

        Assert.False(_manager.StartTransientUnit("a.scope", []));
    }

    [Fact]
    public void StartTransientUnit_Refused_SaysWhatAndWhy()
    {
        _peer.Answer = (peer, call) => peer.Fail(call, "org.freedesktop.DBus.Error.InvalidArgs", "Unit name a is neither a service unit nor a scope unit.");

        var refused = Assert.Throws<AgentException>(() => _manager.StartTransientUnit("a", []));

        Assert.Equal((ErrorKind.FailedPrecondition, "systemd cannot start unit \"a\": Unit name a is neither a service unit nor a scope unit."), (refused.Kind, refused.Message));
    }

    [Fact]
    public void StopUnit_JobThatFails_SaysHowItEnded()
    {
        _peer.Answer = (peer, call) =>
        {
            peer.Return(call, "o", body => body.Text(Job));
            peer.JobRemoved(Job, "a.scope", "timeout");
        };

        var failed = Assert.Throws<AgentException>(() => _manager.StopUnit("a.scope"));

        Assert.Equal("systemd cannot stop unit \"a.scope\": the job ended as \"timeout\"", failed.Message);
    }

    [Fact]
    public void Calls_UnknownUnit_AreNoErrors()
    {
        _peer.Answer = (peer, call) => peer.Fail(call, "org.freedesktop.systemd1.NoSuchUnit", "Unit a.scope not loaded.");

        Assert.False(_manager.StopUnit("a.scope"));
        Assert.False(_manager.SetUnitProperties("a.scope", [UnitProperty.Number("TasksMax", 5)]));
        Assert.Null(_manager.ActiveState("a.scope"));
        _manager.ResetFailedUnit("a.scope");

        Assert.Equal(
            ["StopUnit(\"a.scope\",\"replace\")", "SetUnitProperties(\"a.scope\",true,[\"TasksMax\"=5])", "GetUnit(\"a.scope\")", "ResetFailedUnit(\"a.scope\")"],
            _peer.Calls);
    }

    // The manager writes cgroups between two messages.
    [Fact]
    public void SetUnitProperties_KnownUnit_ReturnsWhenTheNextCallIsAnswered()
    {
        _peer.Answer = (peer, call) => peer.Return(call, call.Member == "Get" ? "v" : "", body => _ = call.Member == "Get" ? body.Variant("252") : body);

        Assert.True(_manager.SetUnitProperties("a.scope", [UnitProperty.Switch("CPUAccounting", false)]));

        Assert.Equal(
            ["SetUnitProperties(\"a.scope\",true,[\"CPUAccounting\"=false])", "Get(\"org.freedesktop.systemd1.Manager\",\"Version\")"], _peer.Calls);
    }

    [Fact]
    public void ActiveState_LoadedUnit_IsReadFromItsObject()
    {
        _peer.Answer = (peer, call) => peer.Return(
            call, call.Member == "Get" ? "v" : "o", body => _ = call.Member == "Get" ? body.Variant("failed") : body.Text("/org/freedesktop/systemd1/unit/a"));

        Assert.Equal("failed", _manager.ActiveState("a.scope"));
    }

    [Fact]
    public void Call_ManagerExecutesItselfAnew_IsMadeAgainOnANewConnection()
    {
        _peer.Answer = (peer, call) =>
        {
            if (peer.Connections == 1)
            {
                peer.Hang();
            }
            else
            {
                peer.Return(call, "v", body => body.Variant("252"));
            }
        };

        Assert.Equal("252", _manager.Version());
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public void Call_ManagerGoesForGood_IsUnavailable()
    {
        _peer.Answer = (peer, _) => peer.Hang();

        var failure = Assert.Throws<AgentException>(_manager.Version);

        Assert.Equal(ErrorKind.Unavailable, failure.Kind);
        Assert.StartsWith("cannot reach systemd: the connection to systemd ended: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public void Call_SocketNobodyListensOn_SaysWhere()
    {
        string path = Path.Combine(Path.GetTempPath(), $"podagent-{Guid.NewGuid():n}");
        File.WriteAllText(path, "");
        using var manager = new SystemdUnits(path);
        try
        {
            var failure = Assert.Throws<AgentException>(manager.Version);

            Assert.Equal((ErrorKind.Unavailable, $"cannot reach systemd: {path}: connection refused (ECONNREFUSED)"), (failure.Kind, failure.Message));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
