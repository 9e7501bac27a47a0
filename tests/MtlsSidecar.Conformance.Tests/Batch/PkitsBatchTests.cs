using MtlsSidecar.Conformance.Tests.Pkits;

namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>All of PKITS, with its CRLs, through <c>validate --batch</c>.</summary>
public sealed class PkitsBatchTests
{
    public static TheoryData<string> Cases => [.. PkitsSuite.Cases.Keys];

    [ConformanceTheory(PkitsSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task Line_IsAnsweredAsNistSays(string id)
    {
        var test = PkitsSuite.Cases[id];

        var answer = await new BatchQuestion(test.ToInput()) { Crls = [.. test.Crls.Select(PkitsSuite.Read)], Revocation = "chain" }.AskAsync();

        answer.IsAccepted.Should().Be(test.IsValid, $"{test.Title}; {answer}");
        if (test.FailsOnlyByRevocation)
        {
            answer.Status.Should().BeOneOf(["revoked", "unknown"], $"{test.Title}; {answer}");
        }
    }
}
