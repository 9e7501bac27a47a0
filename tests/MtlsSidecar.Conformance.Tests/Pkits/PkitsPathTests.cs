using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Pkits;

/// <summary>
/// PKITS without revocation: everything but the tests that only a CRL can refuse. For those see the Revocation folder, which runs all 249.
/// </summary>
public sealed class PkitsPathTests
{
    public static TheoryData<string> Cases => [.. PkitsSuite.Cases.Values.Where(test => !test.FailsOnlyByRevocation).Select(test => test.Id)];

    [ConformanceTheory(PkitsSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task PathWithoutCrls_IsJudgedAsNistSays(string id)
    {
        var test = PkitsSuite.Cases[id];

        var verdict = await ConformanceValidator.JudgeAsync(test.ToInput());

        (verdict is PeerValidation.Accepted).Should().Be(test.IsValid, $"{test.Title}; {ConformanceValidator.Describe(verdict)}");
        if (verdict is PeerValidation.Accepted { Peer.Path.Policies: var policies })
        {
            policies.Should().BeEquivalentTo(test.UserConstrainedPolicies, test.Title);
        }
    }
}
