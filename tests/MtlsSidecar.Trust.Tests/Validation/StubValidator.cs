using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

/// <summary>A validator that says what a test wants and counts how often it is asked.</summary>
internal sealed class StubValidator(Func<CandidatePeer, CertificateVerdict> judge) : ICertificateValidator
{
    public StubValidator()
        : this(_ => new CertificateVerdict.Accepted(DateTimeOffset.MaxValue))
    {
    }

    public string Name { get; init; } = "Stub";

    public long Generation { get; set; }

    public int Calls { get; private set; }

    public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        Calls++;
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(judge(candidate));
    }

    public static CertificateVerdict Reject(RejectionReason reason) => new CertificateVerdict.Rejected(new PeerRejection(reason, "the stub says so"));
}
