using MtlsSidecar.Conformance.Tests.BetterTls;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>BetterTLS through <c>validate --batch</c>, by either profile; the algorithm floor is on in both.</summary>
public sealed class BetterTlsBatchTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var id in BetterTlsSuite.Cases.Keys)
            {
                cases.Add(id, nameof(ValidationProfile.Workload));
                cases.Add(id, nameof(ValidationProfile.Rfc5280));
            }

            return cases;
        }
    }

    [ConformanceTheory(BetterTlsSuite.File)]
    [MemberData(nameof(Cases))]
    public async Task Line_IsAnsweredAsBetterTlsSays(string id, string profile)
    {
        var test = BetterTlsSuite.Cases[id];

        var answer = await new BatchQuestion(test.Input) { Profile = Enum.Parse<ValidationProfile>(profile) }.AskAsync();

        answer.IsAccepted.Should().Be(test.IsValid, answer.ToString());
    }
}
