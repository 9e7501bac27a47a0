using System.Net;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>
/// Signs certificates by the profiles and records each before anyone sees it. Who may have one is not decided here: commands, tokens and
/// renewals do that, and nobody else may call.
/// </summary>
internal sealed class Issuance(IAuthorityStore store, IssuerDirectory issuers, KeyRing keys, TimeProvider timeProvider)
{
    /// <summary>How long a workload's certificate is valid unless somebody says otherwise.</summary>
    public static TimeSpan DefaultLifetime { get; } = TimeSpan.FromDays(1);

    /// <summary>How far back a certificate begins, for peers whose clocks are a little behind.</summary>
    public static TimeSpan Backdating { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Signs a workload's certificate without recording it: the caller records it in the transaction that permits it.</summary>
    public IssuedCertificate SignWorkload(WorkloadSubject subject, PublicKey key, (TimeSpan Lifetime, string Origin) terms)
        => Sign(CertificateKind.Workload, subject, terms, issuer => CertificateProfiles.Workload(subject, key, issuer));

    /// <summary>Signs and records a workload's certificate.</summary>
    public async Task<IssuedCertificate> IssueWorkloadAsync(WorkloadSubject subject, PublicKey key, (TimeSpan Lifetime, string Origin) terms)
        => await RecordAsync(SignWorkload(subject, key, terms));

    /// <summary>Signs and records a workload's certificate in place of an old one; null when the old one is revoked by now.</summary>
    public async Task<IssuedCertificate?> RenewWorkloadAsync(CertificateRecord old, WorkloadSubject subject, PublicKey key, TimeSpan lifetime)
    {
        var renewed = SignWorkload(subject, key, (lifetime, "renewal"));
        return await store.AddRenewalAsync(renewed.Record, old) ? renewed : null;
    }

    /// <summary>Signs and records the certificate of the authority's own TLS server.</summary>
    public async Task<IssuedCertificate> IssueServerAsync(WorkloadSubject subject, IReadOnlyList<IPAddress> addresses, PublicKey key, TimeSpan lifetime)
        => await RecordAsync(Sign(CertificateKind.Server, subject, (lifetime, "internal"), issuer => CertificateProfiles.Server(subject, addresses, key, issuer)));

    /// <summary>Signs and records the certificate of an OCSP responder for one issuer.</summary>
    public async Task<IssuedCertificate> IssueOcspResponderAsync(IssuerRecord issuer, PublicKey key, TimeSpan lifetime)
        => await RecordAsync(Sign(
            (keys.Open(issuer), issuer),
            CertificateProfiles.OcspResponder(issuer.Name, key, issuer.Certificate),
            (CertificateKind.OcspResponder, $"{issuer.Name} OCSP responder", []),
            (lifetime, "internal")));

    private IssuedCertificate Sign(
        CertificateKind kind,
        WorkloadSubject subject,
        (TimeSpan Lifetime, string Origin) terms,
        Func<(SigningAuthority, PublicAddresses), CertificateRequest> profile)
    {
        var current = issuers.Current;
        var issuer = current.ActiveAt(timeProvider.GetUtcNow());
        var authority = keys.Open(issuer);
        var request = profile((authority, new PublicAddresses(current.Settings.PublishedAt)));
        return Sign((authority, issuer), request, (kind, subject.Id.ToString(), subject.DnsNames), terms);
    }

    private IssuedCertificate Sign(
        (SigningAuthority Authority, IssuerRecord Record) issuer,
        CertificateRequest request,
        (CertificateKind Kind, string Identity, IReadOnlyList<string> DnsNames) subject,
        (TimeSpan Lifetime, string Origin) terms)
    {
        var now = timeProvider.GetUtcNow();
        var serial = SerialNumber.Create();
        using var certificate = issuer.Authority.Sign(request, (now - Backdating, now + terms.Lifetime), serial);
        var record = new CertificateRecord
        {
            Issuer = issuer.Record.Name,
            Serial = serial,
            Kind = subject.Kind,
            Identity = subject.Identity,
            DnsNames = subject.DnsNames,
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
            Origin = terms.Origin,
            Certificate = certificate.RawData,
        };
        return new IssuedCertificate(record, issuer.Record);
    }

    private async Task<IssuedCertificate> RecordAsync(IssuedCertificate issued)
    {
        await store.AddCertificateAsync(issued.Record);
        return issued;
    }
}
