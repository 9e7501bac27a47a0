using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources;

/// <summary>Gives the current SVID of this workload. Asked at every handshake, so a rotation needs no restart.</summary>
public interface ISvidSource
{
    /// <summary>The SVID now in force, expired or not; null until there is a first one. Without one nobody can be answered or called.</summary>
    X509Svid? Current { get; }

    /// <summary>Why the last rotation was refused; null when it was not.</summary>
    string? LastError { get; }

    /// <summary>Raised after <see cref="Current"/> has changed.</summary>
    event Action? Rotated;
}
