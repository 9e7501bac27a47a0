using System.Collections.Concurrent;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>The delegated responder of each issuer (RFC 6960 §4.2.2.2), renewed at half its life.</summary>
internal sealed class OcspSigners(Issuance issuance, KeyRing keys, TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private readonly ConcurrentDictionary<string, OcspSigner> _signers = new();

    /// <summary>The responder that signs for an issuer; null when it has none.</summary>
    public OcspSigner? Find(string issuer) => _signers.GetValueOrDefault(issuer);

    /// <summary>Certifies a responder for an issuer that has none yet, or whose responder ends soon.</summary>
    /// <returns>The new certificate, for the audit; null when none was needed, or the issuer's key is elsewhere.</returns>
    /// <exception cref="AuthorityException">The issuer's key can't be used.</exception>
    /// <exception cref="ClockMovedBackException">The clock is behind what was written earlier.</exception>
    public async Task<CertificateRecord?> RenewIfDueAsync(IssuerRecord issuer)
    {
        // One that begins later was made while the clock ran ahead: nobody takes its answers now.
        var now = timeProvider.GetUtcNow();
        if ((Find(issuer.Name) is { Issued.Record: var record } && record.NotBefore <= now && record.NotAfter - now > Lifetime / 2) || keys.TryOpen(issuer) is null)
        {
            return null;
        }

        // The old one is left to the garbage collector: somebody may be signing with it.
        var next = await OcspSigner.CreateAsync(issuer, issuance, Lifetime);
        _signers[issuer.Name] = next;
        return next.Issued.Record;
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
