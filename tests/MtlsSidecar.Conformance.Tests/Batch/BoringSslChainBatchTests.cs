using MtlsSidecar.Conformance.Tests.BoringSsl;

namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>BoringSSL's chains through <c>validate --batch</c>, save what <see cref="BoringSslChainRules"/> leaves out.</summary>
public sealed class BoringSslChainBatchTests
{
    public static TheoryData<string> Cases => BoringSslChainTests.Cases;

    [ConformanceTheory(BoringSslChainSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task Line_IsAnsweredAsBoringSslSays(string id)
    {
        var test = BoringSslChainSuite.Cases[id];

        var answer = await new BatchQuestion(test.Input).AskAsync();

        answer.IsAccepted.Should().Be(test.IsValid, $"{test.ExpectedErrors}; {answer}");
    }
}
