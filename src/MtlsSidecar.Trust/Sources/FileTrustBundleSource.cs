using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources;

/// <summary>The trust bundles from PEM files, one a trust domain. They are swapped together or not at all.</summary>
public sealed class FileTrustBundleSource : ITrustBundleSource
{
    private readonly TrustDomain? _trustDomain;
    private readonly string _ownFile;
    private readonly IReadOnlyDictionary<TrustDomain, string> _federatedFiles;
    private volatile Snapshot _current;
    private volatile string? _lastError;

    private FileTrustBundleSource(TrustDomain? trustDomain, string ownFile, IReadOnlyDictionary<TrustDomain, string> federatedFiles)
    {
        _trustDomain = trustDomain;
        _ownFile = ownFile;
        _federatedFiles = federatedFiles;
        AsRead = FileStamps.Of(Files);
        _current = new Snapshot(Read(), 1);
    }

    private sealed record Snapshot(TrustBundleSet Bundles, long Generation);

    /// <summary>Raised after the bundles have changed.</summary>
    public event Action<TrustChange>? Changed;

    /// <inheritdoc/>
    public (TrustBundleSet Bundles, long Generation) Current => _current is var snapshot ? (snapshot.Bundles, snapshot.Generation) : default;

    /// <summary>Why the last reload was refused; null when it was not.</summary>
    public string? LastError => _lastError;

    /// <summary>The files to watch.</summary>
    public IEnumerable<string> Files => [_ownFile, .. _federatedFiles.Values];

    /// <summary>What they were like before they were read first.</summary>
    public FileStamps AsRead { get; }

    /// <summary>Reads all bundles.</summary>
    /// <param name="trustDomain">The own trust domain; null when there is none.</param>
    /// <param name="ownFile">Its anchors as PEM.</param>
    /// <param name="federatedFiles">The files of federated trust domains.</param>
    /// <exception cref="TrustMaterialException">A file can't be read or holds no anchor.</exception>
    public static FileTrustBundleSource Open(TrustDomain? trustDomain, string ownFile, IReadOnlyDictionary<TrustDomain, string> federatedFiles)
        => new(trustDomain, ownFile, federatedFiles);

    /// <summary>Reads all bundles again; a bad file keeps the bundles in force.</summary>
    /// <returns>The error; null when all are good.</returns>
    public string? Reload()
    {
        TrustBundleSet next;
        try
        {
            next = Read();
        }
        catch (TrustMaterialException exception)
        {
            return _lastError = exception.Message;
        }

        _lastError = null;
        var change = new TrustChange(_current.Bundles, next);
        if (change.IsAny)
        {
            _current = new Snapshot(next, _current.Generation + 1);
            Changed?.Invoke(change);
        }

        return null;
    }

    private TrustBundleSet Read()
        => new(ReadBundle(_trustDomain, _ownFile), _federatedFiles.Select(pair => ReadBundle(pair.Key, pair.Value)).ToList());

    private static TrustBundle ReadBundle(TrustDomain? trustDomain, string file)
    {
        var anchors = CertificatePem.Read(TrustFile.ReadText(file), file);
        return anchors.Count > 0 ? new TrustBundle(trustDomain, anchors) : throw new TrustMaterialException($"{file} holds no PEM certificate");
    }
}
