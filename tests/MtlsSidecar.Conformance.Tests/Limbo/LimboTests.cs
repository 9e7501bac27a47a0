using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Crl;
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

        var verdict = await ConformanceValidator.JudgeAsync(test.Input, test.Crls.Count > 0 ? Load(test) : null);

        (verdict is PeerValidation.Accepted).Should().Be(test.IsValid, ConformanceValidator.Describe(verdict));
    }

    /// <summary>A CRL that can't be read covers nothing, as in the daemon.</summary>
    private static CrlRevocationSource Load(LimboCase test)
    {
        var store = new CrlStore(new CrlOptions(), new ManualTimeProvider(test.Input.At));
        foreach (var crl in test.Crls)
        {
            store.Load(test.Id, crl.Span);
        }

        return new CrlRevocationSource(store);
    }
}
