namespace PodAgent.Linux.Systemd;

/// <summary>What control groups need of the service manager; <see cref="SystemdUnits"/> is the real one.</summary>
public interface IUnits
{
    /// <summary>Makes a unit and waits until it is active. False: there is a unit of this name already.</summary>
    /// <exception cref="AgentException">The manager cannot be reached, refuses, or cannot start it.</exception>
    bool StartTransientUnit(string name, IReadOnlyList<UnitProperty> properties);

    /// <summary>Ends a unit and waits for it. False: there is none of this name.</summary>
    /// <exception cref="AgentException">The manager cannot be reached, refuses, or cannot stop it.</exception>
    bool StopUnit(string name);

    /// <summary>
    /// Changes properties until the next boot, and returns when they are in force. False: there is no unit of this name.
    /// </summary>
    /// <exception cref="AgentException">The manager cannot be reached or refuses.</exception>
    bool SetUnitProperties(string name, IReadOnlyList<UnitProperty> properties);

    /// <summary>Forgets that a unit has failed, so that its name is free; a unit that does not exist is no error.</summary>
    /// <exception cref="AgentException">The manager cannot be reached or refuses.</exception>
    void ResetFailedUnit(string name);

    /// <summary><c>active</c>, <c>inactive</c>, <c>failed</c>, <c>activating</c>, <c>deactivating</c>; null: no such unit is loaded.</summary>
    /// <exception cref="AgentException">The manager cannot be reached or refuses.</exception>
    string? ActiveState(string name);
}
