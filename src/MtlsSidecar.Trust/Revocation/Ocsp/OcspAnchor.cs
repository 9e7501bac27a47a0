using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>
/// The certificates under one trust anchor whose status is kept. Room, requests at one time and patience with responders are each anchor's
/// own: a federated authority can use up those of its own peers and nobody else's.
/// </summary>
internal sealed class OcspAnchor : IDisposable
{
    private const int MaxRequestsAtOnce = 32;
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OcspCertificate> _certificates = [];
    private readonly OcspContext _context;
    private readonly int _maxCertificates;

    public OcspAnchor(OcspContext context, int maxCertificates)
    {
        _maxCertificates = Math.Max(1, maxCertificates);
        _context = context with
        {
            Responders = new OcspResponders(context.TimeProvider),
            Slots = new RequestSlots(MaxRequestsAtOnce),
            Due = RefreshOrForget,
        };
    }

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

    /// <summary>Asks for all certificates now.</summary>
    public Task RefreshAllAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_certificates.Values.Select(certificate => certificate.StartFetch()));
        }
    }

    /// <summary>The certificate of a question, new when it was never asked for; null, with the reason, when nobody can be asked.</summary>
    public OcspCertificate? Find(string key, RevocationQuestion question, Func<RevocationQuestion, IReadOnlyList<string>> urlsOf, out RevocationAnswer? refusal)
    {
        refusal = null;
        lock (_gate)
        {
            if (!_certificates.TryGetValue(key, out var certificate))
            {
                var urls = urlsOf(question);
                if (urls.Count == 0)
                {
                    refusal = Refuse(question, "it names no OCSP responder that may be asked");
                    return null;
                }

                if (_context.Slots.IsCrowded)
                {
                    // Unknown at once. It takes nobody's place either, so what waits is bounded by this and the number of certificates kept.
                    refusal = Refuse(question, "OCSP: too many requests under its trust anchor are waiting") with { AskAgainAt = question.At + Later };
                    return null;
                }

                MakeRoom();
                _certificates.Add(key, certificate = new OcspCertificate(_context, key, question, urls));
            }

            certificate.Touch(question);
            return certificate;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _certificates.Values.ToList().ForEach(certificate => certificate.Dispose());
        }

        _context.Slots.Dispose();
    }

    private static RevocationAnswer Refuse(RevocationQuestion question, string reason)
        => new(RevocationStatus.Unknown, reason, question.At) { Rule = OcspAnswer.Rule };

    private void MakeRoom()
    {
        while (_certificates.Count >= _maxCertificates)
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
}
