using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>
/// The certificate of the authority's own TLS server, under its own root. Its key lives in memory only; it is renewed at two thirds of its
/// life and when another issuer takes over.
/// </summary>
internal sealed class ServerIdentity(IssuerDirectory issuers, Issuance issuance, ServeOptions options, TimeProvider timeProvider, AuditLog audit)
{
    private const string Path = "/mtls-authority";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private volatile Snapshot? _current;

    private sealed record Snapshot(SslStreamCertificateContext Context, IssuedCertificate Issued);

    /// <summary>Certificate, key and chain as the TLS handshake takes them.</summary>
    public SslStreamCertificateContext Context => (_current ?? throw new InvalidOperationException("no certificate yet")).Context;

    /// <summary>When it ends.</summary>
    public DateTimeOffset? NotAfter => _current?.Issued.Record.NotAfter;

    /// <summary>Renews the certificate if that is due.</summary>
    public async Task RenewIfDueAsync()
    {
        var set = issuers.Current;
        var now = timeProvider.GetUtcNow();
        var active = set.ActiveAt(now);
        if (_current is { Issued: var issued } && issued.Issuer.Name == active.Name && now < RenewalTime(issued))
        {
            return;
        }

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var addresses = options.Names.Where(IsAddress).Select(IPAddress.Parse).Concat([IPAddress.Loopback, IPAddress.IPv6Loopback]).Distinct();
        var subject = SubjectOf(set);
        var next = await issuance.IssueServerAsync(subject, [.. addresses], new PublicKey(key), Lifetime);
        audit.Issued(next.Record, "internal");

        var certificate = X509CertificateLoader.LoadCertificate(next.Record.Certificate).CopyWithPrivateKey(key);
        var chain = new X509Certificate2Collection(X509CertificateLoader.LoadCertificate(next.Issuer.Certificate.RawData.Span));
        _current = new Snapshot(SslStreamCertificateContext.Create(certificate, chain, offline: true), next);
    }

    private WorkloadSubject SubjectOf(IssuerSet set)
    {
        var names = options.Names.Where(name => !IsAddress(name)).Append("localhost").Distinct().ToList();
        return WorkloadSubject.TryCreate($"spiffe://{set.Settings.TrustDomain}{Path}", names, set.Settings.TrustDomain, out var subject, out var error)
            ? subject
            : throw new AuthorityException($"the server's own certificate can't be made: {error}");
    }

    private static DateTimeOffset RenewalTime(IssuedCertificate issued)
        => issued.Record.NotBefore + ((issued.Record.NotAfter - issued.Record.NotBefore) * (2.0 / 3));

    private static bool IsAddress(string name) => IPAddress.TryParse(name, out _);
}
