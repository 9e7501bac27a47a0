using System.Security.Cryptography;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>
/// The status of certificates as their responders gave it, kept until its end and refreshed ahead of it while the certificate is in use.
/// Asks nobody before a certificate whose path holds is asked for.
/// </summary>
public sealed class OcspStore : IDisposable
{
    private const int MaxRequestsAtOnce = 32;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OcspCertificate> _certificates = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _slots = new(MaxRequestsAtOnce, MaxRequestsAtOnce);
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
        _context = new OcspContext(new OcspClient(_fetcher, options, check, timeProvider), new OcspResponders(timeProvider), timeProvider)
        {
            RefreshInterval = options.RefreshInterval,
            Origin = options.Url is null ? FetchOrigin.Certificate : FetchOrigin.Configured,
            Observer = observer,
            Slots = _slots,
            Stopping = _stopping.Token,
            Changed = Announce,
            Due = RefreshOrForget,
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
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _certificates.Count;
            }
        }
    }

    /// <summary>Asks for all certificates now: an operator's reload.</summary>
    public Task RefreshAllAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_certificates.Values.Select(certificate => certificate.StartFetch()));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        lock (_gate)
        {
            _certificates.Values.ToList().ForEach(certificate => certificate.Dispose());
        }

        _fetcher.Dispose();
        _slots.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Ends when a handshake has waited long enough for an answer.</summary>
    internal CancellationTokenSource StartWait() => new(_options.Timeout, _context.TimeProvider);

    /// <summary>The certificate of a question, new when it was never asked for; null when it names no responder that may be asked.</summary>
    internal OcspCertificate? Find(RevocationQuestion question)
    {
        var key = KeyOf(question);
        lock (_gate)
        {
            if (!_certificates.TryGetValue(key, out var certificate))
            {
                var urls = UrlsOf(question);
                if (urls.Count == 0)
                {
                    return null;
                }

                MakeRoom();
                _certificates.Add(key, certificate = new OcspCertificate(_context, key, question, urls));
            }

            certificate.Touch(question);
            return certificate;
        }
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

    private void MakeRoom()
    {
        while (_certificates.Count >= Math.Max(1, _options.MaxCertificates))
        {
            // Revocations last: to forget one may mean to admit who was refused, to forget anything else costs a request.
            Drop(_certificates.Values.MinBy(certificate => (certificate.IsRevoked, certificate.LastUsed))!);
        }
    }

    private void Drop(OcspCertificate certificate)
    {
        _certificates.Remove(certificate.Key);
        certificate.Dispose();
    }

    private void RefreshOrForget(OcspCertificate certificate)
    {
        lock (_gate)
        {
            var now = _context.TimeProvider.GetUtcNow();
            if (now > certificate.KeepUntil)
            {
                Drop(certificate);
                return;
            }

            if (now > certificate.InUseUntil)
            {
                certificate.RestUntil(certificate.KeepUntil);
                return;
            }
        }

        certificate.StartFetch();
    }

    private void Announce(OcspCertificate certificate)
    {
        // First the generation, whether anybody listens or not: remembered verdicts end with it.
        var generation = Interlocked.Increment(ref _generation);
        Changed?.Invoke(new OcspChange(generation, certificate.Question.Certificate));
    }
}
