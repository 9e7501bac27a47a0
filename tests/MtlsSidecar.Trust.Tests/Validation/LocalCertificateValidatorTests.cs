using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class LocalCertificateValidatorTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _issuing;
    private readonly TestCertificate _leaf;
    private readonly CandidatePeer _candidate;

    public LocalCertificateValidatorTests()
    {
        _issuing = _root.CreateIntermediate("Issuing");
        _leaf = _issuing.Issue();
        _candidate = CandidateCase.Create(_leaf, _root);
    }

    [Theory]
    [InlineData(RevocationMode.Off, new int[0])]
    [InlineData(RevocationMode.Leaf, new[] { 0 })]
    [InlineData(RevocationMode.Chain, new[] { 1, 0 })]
    public async Task Mode_DecidesWhichCertificatesAreAskedFor(RevocationMode mode, int[] asked)
    {
        var source = new StubSource(_ => RevocationStatus.Good);

        (await JudgeAsync(mode, UnknownStatusPolicy.Reject, source)).Should().BeOfType<CertificateVerdict.Accepted>();

        source.Asked.Should().Equal(asked);
    }

    [Fact]
    public async Task RevokedLeaf_IsRefused()
    {
        var verdict = await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Accept, new StubSource(index => index == 0 ? RevocationStatus.Revoked : RevocationStatus.Good));

        Rejection(verdict)!.Reason.Should().Be(RejectionReason.Revoked);
        Rejection(verdict)!.Certificate.Should().Be("CN=workload");
    }

    [Fact]
    public async Task RevokedIntermediate_IsRefusedUnlessOnlyTheLeafIsAskedFor()
    {
        var source = new StubSource(index => index == 1 ? RevocationStatus.Revoked : RevocationStatus.Good);

        Rejection(await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Accept, source))!.Certificate.Should().Be("CN=Issuing");
        (await JudgeAsync(RevocationMode.Leaf, UnknownStatusPolicy.Accept, source)).Should().BeOfType<CertificateVerdict.Accepted>();
    }

    [Fact]
    public async Task UnknownStatusOfTheIssuer_DoesNotHideThatTheLeafIsRevoked()
    {
        var source = new StubSource(index => index == 0 ? RevocationStatus.Revoked : RevocationStatus.Unknown);

        Rejection(await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Reject, source))!.Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task UnknownStatus_IsWhatThePolicySays()
    {
        var source = new StubSource(_ => RevocationStatus.Unknown);

        Rejection(await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Reject, source))!.Reason.Should().Be(RejectionReason.RevocationUnknown);
        (await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Accept, source)).Should().Be(new CertificateVerdict.Accepted(_candidate.At));
    }

    [Fact]
    public async Task NoSourceAtAll_IsUnknown()
    {
        Rejection(await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Reject))!.Reason.Should().Be(RejectionReason.RevocationUnknown);
        (await JudgeAsync(RevocationMode.Off, UnknownStatusPolicy.Reject)).Should().BeOfType<CertificateVerdict.Accepted>();
    }

    [Fact]
    public async Task SecondSource_IsAskedWhatTheFirstDoesNotKnow()
    {
        var first = new StubSource(_ => RevocationStatus.Unknown);
        var second = new StubSource(_ => RevocationStatus.Revoked);

        Rejection(await JudgeAsync(RevocationMode.Leaf, UnknownStatusPolicy.Reject, first, second))!.Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task Acceptance_EndsWithTheEarliestAnswer()
    {
        var source = new StubSource(_ => RevocationStatus.Good) { ValidUntil = index => _candidate.At.AddMinutes(10 - index) };

        (await JudgeAsync(RevocationMode.Chain, UnknownStatusPolicy.Reject, source)).Should().Be(new CertificateVerdict.Accepted(_candidate.At.AddMinutes(9)));
    }

    [Fact]
    public async Task AnswerOfTheFallback_EndsWhenThePreferredSourceWantsToBeAskedAgain()
    {
        var preferred = new StubSource(_ => RevocationStatus.Unknown) { AskAgainAt = _candidate.At.AddHours(1) };
        var fallback = new StubSource(_ => RevocationStatus.Good) { ValidUntil = _ => _candidate.At.AddDays(7) };

        (await JudgeAsync(RevocationMode.Leaf, UnknownStatusPolicy.Reject, preferred, fallback)).Should().Be(new CertificateVerdict.Accepted(_candidate.At.AddHours(1)));
        (await JudgeAsync(RevocationMode.Leaf, UnknownStatusPolicy.Reject, fallback, preferred)).Should().Be(new CertificateVerdict.Accepted(_candidate.At.AddDays(7)));
    }

    [Fact]
    public async Task Refusal_QuotesTheRuleOfTheSourceThatKnew()
    {
        var source = new StubSource(_ => RevocationStatus.Revoked) { Rule = "RFC 6960 §3.2" };

        Rejection(await JudgeAsync(RevocationMode.Leaf, UnknownStatusPolicy.Reject, source))!.Rule.Should().Be("RFC 6960 §3.2");
    }

    public void Dispose()
    {
        _root.Dispose();
        _issuing.Dispose();
        _leaf.Dispose();
    }

    private static PeerRejection? Rejection(CertificateVerdict verdict) => (verdict as CertificateVerdict.Rejected)?.Rejection;

    private async Task<CertificateVerdict> JudgeAsync(RevocationMode mode, UnknownStatusPolicy unknownIs, params IRevocationSource[] sources)
        => await new LocalCertificateValidator(new RevocationPolicy(mode, unknownIs), sources).ValidateAsync(_candidate, default);

    private sealed class StubSource(Func<int, RevocationStatus> answer) : IRevocationSource
    {
        public List<int> Asked { get; } = [];

        public Func<int, DateTimeOffset> ValidUntil { get; init; } = _ => DateTimeOffset.MaxValue;

        public DateTimeOffset AskAgainAt { get; init; } = DateTimeOffset.MaxValue;

        public string Rule { get; init; } = "RFC 5280 §6.3";

        public long Generation => 0;

        public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken)
        {
            Asked.Add(question.Index);
            return ValueTask.FromResult(new RevocationAnswer(answer(question.Index), "stub", ValidUntil(question.Index)) { AskAgainAt = AskAgainAt, Rule = Rule });
        }
    }
}
