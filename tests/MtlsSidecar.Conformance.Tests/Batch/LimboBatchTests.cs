using MtlsSidecar.Conformance.Tests.Limbo;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Batch;

/// <summary>x509-limbo through <c>validate --batch</c>, by either profile, save what <see cref="LimboRules"/> leaves out.</summary>
public sealed class LimboBatchTests
{
    public static TheoryData<string> Cases => [.. Counted.Select(test => test.Id)];

    /// <summary>Those about a name that the daemon's profile knows.</summary>
    public static TheoryData<string> NamedCases => [.. Counted.Where(test => test.Input.Options.Profile == ValidationProfile.Workload).Select(test => test.Id)];

    private static IEnumerable<LimboCase> Counted => LimboSuite.Cases.Values.Where(test => LimboRules.WhyLeftOut(test) is null);

    [ConformanceTheory(LimboSuite.File)]
    [MemberData(nameof(NamedCases))]
    public Task Line_IsAnsweredAsLimboSaysByTheDaemonsProfile(string id) => AskAsync(LimboSuite.Cases[id], ValidationProfile.Workload);

    /// <summary>With the algorithm floor, which the suite's rules about keys are.</summary>
    [ConformanceTheory(LimboSuite.File)]
    [MemberData(nameof(Cases))]
    public Task Line_IsAnsweredAsLimboSaysByRfc5280(string id) => AskAsync(LimboSuite.Cases[id], ValidationProfile.Rfc5280);

    private static async Task AskAsync(LimboCase test, ValidationProfile profile)
    {
        var answer = await new BatchQuestion(test.Input) { Crls = test.Crls, Profile = profile }.AskAsync();

        answer.IsAccepted.Should().Be(test.IsValid, $"{test.Description}; {answer}");
    }
}
