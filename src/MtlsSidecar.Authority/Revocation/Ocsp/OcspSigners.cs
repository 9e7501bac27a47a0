using System.Collections.Concurrent;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>The delegated responder of each issuer (RFC 6960 §4.2.2.2), renewed at half its life.</summary>
internal sealed class OcspSigners(IssuerDirectory issuers, Issuance issuance, KeyRing keys, TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private readonly ConcurrentDictionary<string, OcspSigner> _signers = new();

    /// <summary>The responder that signs for an issuer; null when it has none.</summary>
    public OcspSigner? Find(string issuer) => _signers.GetValueOrDefault(issuer);

    /// <summary>Certifies responders for issuers that have none yet, or whose responder ends soon.</summary>
    /// <returns>The new certificates, for the audit.</returns>
    public async Task<IReadOnlyList<CertificateRecord>> RenewAsync()
    {
        var now = timeProvider.GetUtcNow();
        var renewed = new List<CertificateRecord>();
        foreach (var issuer in issuers.Current.Issuing.Where(issuer => issuer.Certificate.NotAfter > now && keys.TryOpen(issuer) is not null))
        {
            if (Find(issuer.Name) is { } signer && signer.Issued.Record.NotAfter - now > Lifetime / 2)
            {
                continue;
            }

            // The old one is left to the garbage collector: somebody may be signing with it.
            var next = await OcspSigner.CreateAsync(issuer, issuance, Lifetime);
            _signers[issuer.Name] = next;
            renewed.Add(next.Issued.Record);
        }

        return renewed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signer in _signers.Values)
        {
            signer.Dispose();
        }
    }
}
