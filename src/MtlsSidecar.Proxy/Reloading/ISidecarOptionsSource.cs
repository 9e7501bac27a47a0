using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Where the host has its configuration from, to be read again when it changes. A host without one reloads files only.</summary>
public interface ISidecarOptionsSource
{
    /// <summary>The files to watch.</summary>
    IEnumerable<string> Files { get; }

    /// <summary>Reads everything afresh.</summary>
    SidecarOptionsResult Load();
}
