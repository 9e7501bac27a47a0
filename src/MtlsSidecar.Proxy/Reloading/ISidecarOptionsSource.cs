using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Where the host has its configuration from, to be read again when it changes. A host without one reloads files only.</summary>
public interface ISidecarOptionsSource
{
    /// <summary>The files to watch.</summary>
    IEnumerable<string> Files { get; }

    /// <summary>
    /// What they were like before the options were read that the host starts with. Null: whatever changes until the watch begins is noticed
    /// only at the next change.
    /// </summary>
    FileStamps? AsRead => null;

    /// <summary>Reads everything afresh.</summary>
    SidecarOptionsResult Load();
}
