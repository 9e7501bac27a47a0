using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>Accepts every path that holds and remembers the last, so that path validation is measured without revocation.</summary>
internal sealed class AcceptingValidator : ICertificateValidator
{
    public string Name => "Accepting";

    public long Generation => 1;

    public CandidatePeer? Last { get; private set; }

    public ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        Last = candidate;
        return ValueTask.FromResult<CertificateVerdict>(new CertificateVerdict.Accepted(DateTimeOffset.MaxValue));
    }
}
