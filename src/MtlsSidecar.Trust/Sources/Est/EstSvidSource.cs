using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>
/// The SVID that this workload enrolled for: that of an earlier run until <see cref="EstEnrolment"/> brings another, or none at first.
/// </summary>
public sealed class EstSvidSource : ISvidSource
{
    private volatile X509Svid? _current;
    private volatile string? _lastError;
    private volatile IReadOnlyList<ParsedCertificate> _issuers = [];

    private EstSvidSource(EstState state) => State = state;

    /// <inheritdoc/>
    public event Action? Rotated;

    /// <summary>Raised after <see cref="Issuers"/> has changed: a CRL that nobody known had signed may count from now on.</summary>
    public event Action? IssuersChanged;

    /// <inheritdoc/>
    public X509Svid? Current => _current;

    /// <inheritdoc/>
    public string? LastError => _lastError;

    /// <summary>
    /// Certificates of authorities that the EST server named: known intermediates, through which a path may lead. They are never trust
    /// anchors; only the operator's bundle makes those.
    /// </summary>
    public IReadOnlyList<ParsedCertificate> Issuers => _issuers;

    /// <summary>What is kept over a restart.</summary>
    internal EstState State { get; }

    /// <summary>Opens the state directory and takes up the identity of an earlier run.</summary>
    /// <exception cref="TrustMaterialException">The directory can't be written to.</exception>
    public static EstSvidSource Open(EstState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Prepare();
        var source = new EstSvidSource(state);
        try
        {
            source._current = state.Load();
        }
        catch (TrustMaterialException exception)
        {
            // No crash of ours leaves such a file. As if there were none: the next enrolment replaces it, if there is a token.
            source._lastError = exception.Message;
        }

        return source;
    }

    /// <summary>Puts a checked and kept identity in force.</summary>
    internal void Rotate(X509Svid next)
    {
        _current = next;
        _lastError = null;
        Rotated?.Invoke();
    }

    /// <summary>Takes note of a failed attempt; what is in force stays.</summary>
    internal void Fail(string error) => _lastError = error;

    /// <summary>Replaces the known intermediates; the list stays the same when they are, as remembered verdicts end with it.</summary>
    internal void Know(IReadOnlyList<ParsedCertificate> issuers)
    {
        if (!issuers.Select(Content).SequenceEqual(_issuers.Select(Content)))
        {
            _issuers = issuers;
            IssuersChanged?.Invoke();
        }

        static string Content(ParsedCertificate certificate) => certificate.Fingerprint;
    }
}
