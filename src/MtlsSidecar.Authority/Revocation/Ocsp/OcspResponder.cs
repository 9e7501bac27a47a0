using System.Collections.Concurrent;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>
/// Answers OCSP requests (RFC 6960, RFC 5019). An answer is signed once and serves everybody until half its time is over; a revocation by
/// any process makes it worthless at once.
/// </summary>
internal sealed class OcspResponder(
    IAuthorityStore store, IssuerDirectory issuers, Issuance issuance, KeyRing keys, ServeOptions options, TimeProvider timeProvider) : IDisposable
{
    private const int CacheCapacity = 100_000;
    private static readonly TimeSpan SignerLifetime = TimeSpan.FromDays(7);

    private readonly OcspIssuers _byHash = new(issuers);
    private readonly ConcurrentDictionary<string, OcspSigner> _signers = new();
    private readonly ConcurrentDictionary<CacheKey, CacheEntry> _cache = new();

    private readonly record struct CacheKey(string Issuer, string CertId);

    private sealed record CacheEntry(OcspAnswer Answer, long Generation);

    /// <summary>Certifies responders for issuers that have none yet, or whose responder ends soon.</summary>
    /// <returns>The new certificates, for the audit.</returns>
    public async Task<IReadOnlyList<CertificateRecord>> RenewSignersAsync()
    {
        var now = timeProvider.GetUtcNow();
        var renewed = new List<CertificateRecord>();
        foreach (var issuer in issuers.Current.Issuing.Where(issuer => issuer.Certificate.NotAfter > now && keys.TryOpen(issuer) is not null))
        {
            if (_signers.TryGetValue(issuer.Name, out var signer) && signer.Issued.Record.NotAfter - now > SignerLifetime / 2)
            {
                continue;
            }

            // The old one is left to the garbage collector: somebody may be signing with it.
            var next = await OcspSigner.CreateAsync(issuer, issuance, SignerLifetime);
            _signers[issuer.Name] = next;
            renewed.Add(next.Issued.Record);
        }

        return renewed;
    }

    /// <summary>Answers a request. Never throws for what is in it.</summary>
    public OcspAnswer Answer(ReadOnlyMemory<byte> request)
    {
        if (!OcspRequest.TryRead(request, out var id))
        {
            return Error(OcspResponseStatus.MalformedRequest);
        }

        if (_byHash.Find(id) is not { } issuer || !_signers.TryGetValue(issuer.Name, out var signer))
        {
            return Error(OcspResponseStatus.Unauthorized);
        }

        // Read before the status: a revocation in between makes the entry look old, never new.
        var generation = store.Generation;
        var now = timeProvider.GetUtcNow();
        var key = new CacheKey(issuer.Name, Convert.ToHexString(id.Encoded.Span));
        if (_cache.TryGetValue(key, out var entry) && IsFresh(entry.Answer, now) && entry.Generation == generation)
        {
            return entry.Answer;
        }

        var status = store.ReadStatus(issuer.Name, SerialNumber.FromOctets(id.Serial.Span));
        var answer = entry is not null && IsFresh(entry.Answer, now) && entry.Answer.Certificate == status
            ? entry.Answer
            : Sign(signer, id, status, now);
        if (status.IsKnown)
        {
            Remember(key, new CacheEntry(answer, generation));
        }

        return answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signer in _signers.Values)
        {
            signer.Dispose();
        }
    }

    private OcspAnswer Sign(OcspSigner signer, OcspCertId id, CertificateStatus status, DateTimeOffset now)
    {
        var thisUpdate = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var nextUpdate = thisUpdate + options.OcspValidity;
        nextUpdate = nextUpdate < signer.Issued.Record.NotAfter ? nextUpdate : signer.Issued.Record.NotAfter;
        return new OcspAnswer(OcspResponseWriter.Sign(signer, id, status, (thisUpdate, nextUpdate)), OcspResponseStatus.Successful, status)
        {
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
        };
    }

    /// <summary>Only certificates that exist are remembered, so nobody fills the memory with invented numbers; when full, all is forgotten.</summary>
    private void Remember(CacheKey key, CacheEntry entry)
    {
        if (_cache.Count >= CacheCapacity)
        {
            _cache.Clear();
        }

        _cache[key] = entry;
    }

    private static bool IsFresh(OcspAnswer answer, DateTimeOffset now) => now < answer.ThisUpdate + ((answer.NextUpdate - answer.ThisUpdate) / 2);

    private static OcspAnswer Error(OcspResponseStatus status) => new(OcspResponseWriter.Error(status), status);
}
