using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Trust.Identity;

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
    private volatile string? _failure;

    private sealed record Snapshot(SslStreamCertificateContext Context, IssuedCertificate Issued);

    /// <summary>
    /// Certificate, key and chain as the TLS handshake takes them; null as long as there is none, since no issuing authority can issue: then
    /// no handshake succeeds, and what is published over plain HTTP is served all the same.
    /// </summary>
    public SslStreamCertificateContext? Context => _current?.Context;

    /// <summary>Why no caller can rely on the certificate; null when it is good.</summary>
    public string? Problem => _current is not { Issued.Record: var record }
        ? $"the server has no certificate: {_failure ?? "none was made yet"}"
        : record.NotAfter <= timeProvider.GetUtcNow() ? $"the server's certificate ended at {record.NotAfter:u}: {_failure}" : null;

    /// <summary>Renews the certificate if that is due.</summary>
    /// <exception cref="AuthorityException">No issuing authority can issue. The old certificate, if there is one, stays.</exception>
    /// <exception cref="ClockMovedBackException">The same for the clock.</exception>
    public async Task RenewIfDueAsync()
    {
        try
        {
            await RenewAsync();
            _failure = null;
        }
        catch (Exception exception) when (exception is AuthorityException or ClockMovedBackException)
        {
            _failure = exception.Message;
            throw;
        }
    }

    private async Task RenewAsync()
    {
        var set = issuers.Current;
        var now = timeProvider.GetUtcNow();
        var active = set.ActiveAt(now);
        if (_current is { Issued: var issued } && issued.Issuer.Name == active.Name && IsFresh(issued, now))
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

    /// <summary>The identity of every authority's server, which no workload may have.</summary>
    public static string IdIn(TrustDomain trustDomain) => $"spiffe://{trustDomain}{Path}";

    private WorkloadSubject SubjectOf(IssuerSet set)
    {
        var names = options.Names.Where(name => !IsAddress(name)).Append("localhost").Distinct().ToList();
        return WorkloadSubject.TryCreate(IdIn(set.Settings.TrustDomain), names, set.Settings.TrustDomain, out var subject, out var error)
            ? subject
            : throw new AuthorityException($"the server's own certificate can't be made: {error}");
    }

    /// <summary>One that begins later was made while the clock ran ahead: nobody takes it now.</summary>
    private static bool IsFresh(IssuedCertificate issued, DateTimeOffset now)
        => issued.Record.NotBefore <= now && now < issued.Record.NotBefore + ((issued.Record.NotAfter - issued.Record.NotBefore) * (2.0 / 3));

    private static bool IsAddress(string name) => IPAddress.TryParse(name, out _);
}
