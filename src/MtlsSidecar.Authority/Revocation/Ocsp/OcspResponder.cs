using System.Collections.Concurrent;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>
/// Answers OCSP requests (RFC 6960, RFC 5019). An answer is signed when it is first asked for and serves everybody from then on: it is
/// signed anew in the background when half its time is over, so that no request about the same certificate waits for a signature again. A
/// revocation by any process makes it worthless at once.
/// </summary>
internal sealed class OcspResponder(IAuthorityStore store, IssuerDirectory issuers, OcspSigners signers, ServeOptions options, TimeProvider timeProvider)
{
    /// <summary>Signatures of one round in the background: a tenth of a second, so that CRLs don't wait behind a hundred thousand answers.</summary>
    private const int MaxRefreshedAtOnce = 2_000;

    private readonly OcspIssuers _byHash = new(issuers);
    private readonly ConcurrentDictionary<CacheKey, CacheEntry> _cache = new();

    private readonly record struct CacheKey(string Issuer, string CertId)
    {
        public OcspCertId Read() => OcspCertId.Read(Convert.FromHexString(CertId));
    }

    private sealed record CacheEntry(OcspAnswer Answer, long Generation);

    /// <summary>Answers a request. Never throws for what is in it.</summary>
    public OcspAnswer Answer(ReadOnlyMemory<byte> request)
    {
        if (!OcspRequest.TryRead(request, out var id))
        {
            return Error(OcspResponseStatus.MalformedRequest);
        }

        if (_byHash.Find(id) is not { } issuer || signers.Find(issuer.Name) is not { } signer)
        {
            return Error(OcspResponseStatus.Unauthorized);
        }

        // Read before the status: a revocation in between makes the entry look old, never new.
        var generation = store.Generation;
        var now = timeProvider.GetUtcNow();
        var key = new CacheKey(issuer.Name, Convert.ToHexString(id.Encoded.Span));
        if (_cache.TryGetValue(key, out var entry) && Holds(entry.Answer, now) && entry.Generation == generation)
        {
            return entry.Answer;
        }

        // Somebody was revoked, somewhere. If it was not this one, what was signed still holds.
        var status = ReadStatus(issuer.Name, id);
        var answer = entry is not null && Holds(entry.Answer, now) && entry.Answer.Certificate == status
            ? entry.Answer
            : Sign(signer, id, status, now);
        if (status.IsKnown)
        {
            Remember(key, new CacheEntry(answer, generation));
        }

        return answer;
    }

    /// <summary>
    /// Signs anew the answers whose time is half over, and forgets those that have ended. Every certificate that was ever asked about stays
    /// answered until its own end: a signature in half of <c>--ocsp-validity</c> is cheaper than a client that waits.
    /// </summary>
    /// <returns>How many were signed.</returns>
    public int RefreshAnswers()
    {
        var now = timeProvider.GetUtcNow();
        var signed = 0;
        foreach (var kept in _cache.Where(kept => !IsFresh(kept.Value.Answer, now)))
        {
            var (key, entry) = kept;
            if (entry.Answer.Certificate.NotAfter <= now || signers.Find(key.Issuer) is not { } signer || signer.Issued.Record.NotAfter <= now)
            {
                if (entry.Answer.NextUpdate <= now)
                {
                    _cache.TryRemove(kept);
                }

                continue;
            }

            if (signed == MaxRefreshedAtOnce)
            {
                break;
            }

            var generation = store.Generation;
            var id = key.Read();
            _cache.TryUpdate(key, new CacheEntry(Sign(signer, id, ReadStatus(key.Issuer, id), now), generation), entry);
            signed++;
        }

        return signed;
    }

    private CertificateStatus ReadStatus(string issuer, OcspCertId id) => store.ReadStatus(issuer, SerialNumber.FromOctets(id.Serial.Span));

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

    /// <summary>
    /// Only certificates that exist are remembered, so nobody fills the memory with invented numbers. When it is full, what is in it stays,
    /// and answers about others are signed for each request until certificates that ended have made room.
    /// </summary>
    private void Remember(CacheKey key, CacheEntry entry)
    {
        if (_cache.ContainsKey(key) || _cache.Count < options.OcspCacheCapacity)
        {
            _cache[key] = entry;
        }
    }

    /// <summary>Not before its time either: an answer that was signed while the clock ran ahead is no good to anybody once that is set right.</summary>
    private static bool Holds(OcspAnswer answer, DateTimeOffset now) => answer.ThisUpdate <= now && now < answer.NextUpdate;

    private static bool IsFresh(OcspAnswer answer, DateTimeOffset now) => answer.ThisUpdate <= now && now < answer.ThisUpdate + ((answer.NextUpdate - answer.ThisUpdate) / 2);

    private static OcspAnswer Error(OcspResponseStatus status) => new(OcspResponseWriter.Error(status), status);
}
