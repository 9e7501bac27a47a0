using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.BoringSsl;

/// <summary>BoringSSL's chains, save the cases that a rule of <see cref="BoringSslChainRules"/> leaves out.</summary>
public sealed class BoringSslChainTests
{
    public static TheoryData<string> Cases
        => [.. BoringSslChainSuite.Cases.Where(test => BoringSslChainRules.WhyLeftOut(test.Value) is null).Select(test => test.Key)];

    [ConformanceTheory(BoringSslChainSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task Chain_IsJudgedAsBoringSslSays(string id)
    {
        var test = BoringSslChainSuite.Cases[id];

        var verdict = await ConformanceValidator.JudgeAsync(test.Input);

        (verdict is PeerValidation.Accepted).Should().Be(test.IsValid, $"{ConformanceValidator.Describe(verdict)} {test.ExpectedErrors}");
    }
}
