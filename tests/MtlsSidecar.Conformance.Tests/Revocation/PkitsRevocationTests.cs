using MtlsSidecar.Conformance.Tests.Pkits;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Revocation;

/// <summary>All of PKITS with its CRLs: every certificate of the path must be known not to be revoked.</summary>
public sealed class PkitsRevocationTests
{
    public static TheoryData<string> Cases => [.. PkitsSuite.Cases.Keys];

    [ConformanceTheory(PkitsSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task PathWithCrls_IsJudgedAsNistSays(string id)
    {
        var test = PkitsSuite.Cases[id];
        var store = new CrlStore(new CrlOptions { AlgorithmFloor = false }, new ManualTimeProvider(PkitsSuite.ValidationTime));
        var refused = test.Crls.Select(file => store.Load(file, PkitsSuite.Read(file).Span)).OfType<string>().ToList();

        var verdict = await ConformanceValidator.JudgeAsync(test.ToInput(), new CrlRevocationSource(store));

        var because = $"{test.Title}; {ConformanceValidator.Describe(verdict)}; {string.Join("; ", refused)}";
        (verdict is PeerValidation.Accepted).Should().Be(test.IsValid, because);
        if (test.FailsOnlyByRevocation)
        {
            verdict.Should().Match<PeerValidation.Rejected>(
                rejected => rejected.Rejection.Reason == RejectionReason.Revoked || rejected.Rejection.Reason == RejectionReason.RevocationUnknown, because);
        }
    }
}
