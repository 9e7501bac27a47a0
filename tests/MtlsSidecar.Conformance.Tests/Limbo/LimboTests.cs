using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Limbo;

/// <summary>x509-limbo, save the cases that a rule of <see cref="LimboRules"/> leaves out.</summary>
public sealed class LimboTests
{
    public static TheoryData<string> Cases => [.. LimboSuite.Cases.Values.Where(test => LimboRules.WhyLeftOut(test) is null).Select(test => test.Id)];

    [ConformanceTheory(LimboSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task Chain_IsJudgedAsLimboSays(string id)
    {
        var test = LimboSuite.Cases[id];

        var verdict = await ConformanceValidator.JudgeAsync(test.Input);

        (verdict is PeerValidation.Accepted).Should().Be(test.IsValid, ConformanceValidator.Describe(verdict));
    }
}
