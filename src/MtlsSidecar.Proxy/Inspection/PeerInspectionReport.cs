using System.Net.Security;
using System.Security.Authentication;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Inspection;

/// <summary>What was seen when a peer was dialled for inspection.</summary>
public sealed record PeerInspectionReport
{
    /// <summary>The address that answered.</summary>
    public required string Remote { get; init; }

    /// <summary>The TLS version.</summary>
    public required SslProtocols Protocol { get; init; }

    /// <summary>The cipher suite.</summary>
    public required TlsCipherSuite CipherSuite { get; init; }

    /// <summary>The application protocol that the peer chose by ALPN; empty when it chose none.</summary>
    public required string ApplicationProtocol { get; init; }

    /// <summary>What the peer did with our certificate.</summary>
    public required ClientCertificateFate ClientCertificate { get; init; }

    /// <summary>What the peer presented.</summary>
    public required PresentedChain Presented { get; init; }

    /// <summary>Who was expected; empty: anybody who validates.</summary>
    public required IReadOnlyList<IdentityPattern> Expected { get; init; }

    /// <summary>Which upstream or tunnel of the configuration says so; null when none has this destination.</summary>
    public string? ExpectedBy { get; init; }

    /// <summary>The validator's word on the peer, the same as for a request.</summary>
    public required PeerValidation Verdict { get; init; }
}
