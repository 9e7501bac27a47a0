using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Something that can be read again while the sidecar runs. Each is checked before it is swapped in, and a bad one keeps the old.</summary>
internal interface IReloadable
{
    /// <summary>The name in logs and metrics: <c>identity</c>, <c>trust</c>, <c>crl</c>, <c>configuration</c>.</summary>
    string What { get; }

    /// <summary>The files that it is read from, to be watched.</summary>
    IEnumerable<string> Files { get; }

    /// <summary>What they were like before they were read first; null when that comes only after the watch has begun.</summary>
    FileStamps? AsRead => null;

    /// <summary>Reads again. Gives every error; empty when what is in force now is what the files say.</summary>
    Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken);
}
