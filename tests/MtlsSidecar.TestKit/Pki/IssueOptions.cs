using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>What a forged certificate says. The defaults make a good workload certificate without a name.</summary>
public sealed record IssueOptions
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    public string Subject { get; init; } = "CN=workload";
    public IReadOnlyList<string> Uris { get; init; } = [];
    public IReadOnlyList<string> DnsNames { get; init; } = [];
    public IReadOnlyList<IPAddress> IpAddresses { get; init; } = [];
    public IReadOnlyList<string> Usages { get; init; } = [ServerAuthentication, ClientAuthentication];
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(24);
    public DateTimeOffset? NotBefore { get; init; }
    public DateTimeOffset? NotAfter { get; init; }
    public long? SerialNumber { get; init; }
    public string? CrlUrl { get; init; }

    /// <summary>The subject's key; a fresh P-256 key by default.</summary>
    public AsymmetricAlgorithm? Key { get; init; }

    /// <summary>The hash that the issuer signs; a weak one forges a certificate below the algorithm floor.</summary>
    public HashAlgorithmName SignatureHash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>Last changes to the request before it is signed.</summary>
    public Action<CertificateRequest>? Configure { get; init; }
}
