using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>One certificate to be judged by <c>mtls-sidecar validate</c>, and by what.</summary>
internal sealed record ValidationJob
{
    /// <summary>The certificate.</summary>
    public required ReadOnlyMemory<byte> Leaf { get; init; }

    /// <summary>The trust anchors, whatever their trust domain.</summary>
    public required IReadOnlyList<ParsedCertificate> Trust { get; init; }

    /// <summary>Inputs that couldn't be read and are left out.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What is checked for revocation by all that the job says.</summary>
    public RevocationMode EffectiveRevocation => Revocation ?? (Crls.Count > 0 || Ocsp is not null ? RevocationMode.Chain : RevocationMode.Off);

    /// <summary>Intermediates that nobody vouches for.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Untrusted { get; init; } = [];

    /// <summary>CRLs, each PEM or DER.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Crls { get; init; } = [];

    /// <summary>An OCSP response, DER.</summary>
    public ReadOnlyMemory<byte>? Ocsp { get; init; }

    /// <summary>The role that the certificate must allow.</summary>
    public CertificateUsage Usage { get; init; } = CertificateUsage.Any;

    /// <summary>The time for which it is judged.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who it must be; null: anybody.</summary>
    public IdentityPattern? Identity { get; init; }

    /// <summary>The profile.</summary>
    public ValidationProfile Profile { get; init; } = ValidationProfile.Workload;

    /// <summary>What is checked for revocation; null: the chain if there is a CRL or OCSP response, else nothing.</summary>
    public RevocationMode? Revocation { get; init; }

    /// <summary>What follows from an unknown status.</summary>
    public UnknownStatusPolicy Unknown { get; init; } = UnknownStatusPolicy.Reject;

    /// <summary>The inputs of path validation; the algorithm floor null means that of the profile.</summary>
    public PathOptions Path { get; init; } = PathOptions.Workload;
}
