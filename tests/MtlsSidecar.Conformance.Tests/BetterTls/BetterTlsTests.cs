using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.BetterTls;

/// <summary>BetterTLS, every case, those included that the suite only recommends.</summary>
public sealed class BetterTlsTests
{
    public static TheoryData<string> Cases => [.. BetterTlsSuite.Cases.Values.Select(test => test.Id)];

    [ConformanceTheory(BetterTlsSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task Chain_IsJudgedAsBetterTlsSays(string id)
    {
        var test = BetterTlsSuite.Cases[id];

        var verdict = await ConformanceValidator.JudgeAsync(test.Input);

        (verdict is PeerValidation.Accepted).Should().Be(test.IsValid, ConformanceValidator.Describe(verdict));
    }
}
