using System.Collections.Concurrent;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>
/// The status of certificates as their responders gave it, kept until its end and refreshed ahead of it while the certificate is in use.
/// Asks nobody before a certificate whose path holds is asked for.
/// </summary>
public sealed class OcspStore : IDisposable
{
    private readonly ConcurrentDictionary<string, OcspAnchor> _anchors = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly OcspFetchOptions _options;
    private readonly HttpFetcher _fetcher;
    private readonly OcspContext _context;
    private long _generation;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Which responders are asked and how often.</param>
    /// <param name="check">Which responses count.</param>
    /// <param name="fetchOptions">Where we may connect to. Its timeout is replaced by that of <paramref name="options"/>.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="observer">Hears what happens.</param>
    public OcspStore(OcspFetchOptions options, OcspOptions check, FetchOptions fetchOptions, TimeProvider timeProvider, IOcspObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(fetchOptions);
        _options = options;
        _fetcher = new HttpFetcher(fetchOptions with { Timeout = options.Timeout }, timeProvider);
        _context = new OcspContext(new OcspClient(_fetcher, options, check, timeProvider), timeProvider)
        {
            RefreshInterval = options.RefreshInterval,
            Origin = options.Url is null ? FetchOrigin.Certificate : FetchOrigin.Configured,
            Observer = observer,
            Stopping = _stopping.Token,
            Changed = Announce,
        };
    }

    /// <summary>
    /// Raised after a certificate that was good no longer is, or one turned out to be revoked; on the thread that asked. When it is raised the
    /// store already gives the new answer.
    /// </summary>
    public event Action<OcspChange>? Changed;

    /// <summary>Grows whenever an earlier answer may no longer be given.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Of how many certificates the status is kept.</summary>
    public int Count => _anchors.Values.Sum(anchor => anchor.Count);

    /// <summary>Asks for all certificates now: an operator's reload.</summary>
    public Task RefreshAllAsync() => Task.WhenAll(_anchors.Values.Select(anchor => anchor.RefreshAllAsync()));

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var anchor in _anchors.Values)
        {
            anchor.Dispose();
        }

        _fetcher.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Ends when a handshake has waited long enough for an answer.</summary>
    internal CancellationTokenSource StartWait() => new(_options.Timeout, _context.TimeProvider);

    /// <summary>The certificate of a question, new when it was never asked for; null, with the reason, when nobody can be asked.</summary>
    internal OcspCertificate? Find(RevocationQuestion question, out RevocationAnswer? refusal)
    {
        // Anchors are the operator's, so there are few.
        var anchor = _anchors.GetOrAdd(question.Path.Anchor.Fingerprint, _ => new OcspAnchor(_context, _options.MaxCertificates));
        return anchor.Find(KeyOf(question), question, UrlsOf, out refusal);
    }

    /// <summary>
    /// Issuer's name and key, and the number: all that a responder's answer depends on. Two certificates that share them share the answer,
    /// whatever responders they name; it is signed all the same.
    /// </summary>
    private static string KeyOf(RevocationQuestion question)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(question.Certificate.Issuer.Span));
        hash.AppendData(SHA256.HashData(question.Issuer.SubjectPublicKeyInfo.Span));
        hash.AppendData(question.Certificate.SerialNumber.Span);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private IReadOnlyList<string> UrlsOf(RevocationQuestion question)
    {
        var urls = _options.Url is { } configured ? [configured] : AuthorityInformationAccess.OcspUrls(question.Certificate);
        return [.. urls.Where(url => _fetcher.Refuse(url, _context.Origin) is null)];
    }

    private void Announce(OcspCertificate certificate)
    {
        // First the generation, whether anybody listens or not: remembered verdicts end with it.
        var generation = Interlocked.Increment(ref _generation);
        Changed?.Invoke(new OcspChange(generation, certificate.Question.Certificate));
    }
}
