using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class CompositeCertificateValidatorTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestCertificate _leaf;
    private readonly CandidatePeer _candidate;

    public CompositeCertificateValidatorTests()
    {
        _leaf = _root.Issue();
        _candidate = CandidateCase.Create(_leaf, _root);
    }

    [Fact]
    public async Task AllAccept_UntilTheEarliestEnd()
    {
        var soon = _candidate.At.AddMinutes(1);
        var composite = new CompositeCertificateValidator([new StubValidator(), new StubValidator(_ => new CertificateVerdict.Accepted(soon))]);

        (await composite.ValidateAsync(_candidate, default)).Should().Be(new CertificateVerdict.Accepted(soon));
    }

    [Fact]
    public async Task FirstRefusal_IsTheAnswerAndNobodyElseIsAsked()
    {
        var last = new StubValidator();
        var composite = new CompositeCertificateValidator([new StubValidator(), new StubValidator(_ => StubValidator.Reject(RejectionReason.Revoked)), last]);

        Reason(await composite.ValidateAsync(_candidate, default)).Should().Be(RejectionReason.Revoked);
        last.Calls.Should().Be(0);
    }

    [Theory]
    [InlineData(RejectionReason.ValidatorUnavailable)]
    [InlineData(RejectionReason.RevocationUnknown)]
    [InlineData(RejectionReason.DeadlineExceeded)]
    public async Task ValidatorThatCannotDecide_DoesNotHideWhatTheNextOneKnows(RejectionReason undecided)
    {
        var unsure = new StubValidator(_ => StubValidator.Reject(undecided));
        var knowing = new CompositeCertificateValidator([unsure, new StubValidator(_ => StubValidator.Reject(RejectionReason.Revoked))]);
        var accepting = new CompositeCertificateValidator([unsure, new StubValidator()]);

        Reason(await knowing.ValidateAsync(_candidate, default)).Should().Be(RejectionReason.Revoked);
        Reason(await accepting.ValidateAsync(_candidate, default)).Should().Be(undecided);
    }

    [Fact]
    public async Task ValidatorThatThrows_IsUnavailableAndRefuses()
    {
        var composite = new CompositeCertificateValidator([new StubValidator(_ => throw new HttpRequestException("no route")) { Name = "Authority" }]);

        var verdict = await composite.ValidateAsync(_candidate, default);

        Reason(verdict).Should().Be(RejectionReason.ValidatorUnavailable);
        ((CertificateVerdict.Rejected)verdict).Rejection.Detail.Should().Contain("Authority").And.Contain("no route");
    }

    [Theory]
    [InlineData(typeof(HttpRequestException), false)]
    [InlineData(typeof(TimeoutException), false)]
    [InlineData(typeof(IOException), false)]
    [InlineData(typeof(OperationCanceledException), false)]
    [InlineData(typeof(InvalidOperationException), true)]
    [InlineData(typeof(NullReferenceException), true)]
    public async Task DefectOfAValidator_IsToldFromOneThatCannotBeReached(Type exception, bool isDefect)
    {
        var composite = new CompositeCertificateValidator(
            [new StubValidator(_ => StubValidator.Reject(RejectionReason.RevocationUnknown)), new StubValidator(_ => throw (Exception)Activator.CreateInstance(exception)!)]);

        ((CertificateVerdict.Rejected)await composite.ValidateAsync(_candidate, default)).Rejection.IsDefect.Should().Be(isDefect);
    }

    [Fact]
    public async Task ValidatorsOwnTimeout_IsUnavailableToo()
    {
        var composite = new CompositeCertificateValidator([new StubValidator(_ => throw new OperationCanceledException())]);

        Reason(await composite.ValidateAsync(_candidate, default)).Should().Be(RejectionReason.ValidatorUnavailable);
    }

    [Fact]
    public async Task PassedDeadline_IsNotTheValidatorsFault()
    {
        using var passed = new CancellationTokenSource();
        await passed.CancelAsync();
        var composite = new CompositeCertificateValidator([new StubValidator()]);

        var act = async () => await composite.ValidateAsync(_candidate, passed.Token);

        await act.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void ChangeOfOneValidator_ChangesTheGeneration()
    {
        var second = new StubValidator { Generation = 3 };
        var composite = new CompositeCertificateValidator([new StubValidator { Generation = 4 }, second]);
        var before = composite.Generation;

        second.Generation++;

        composite.Generation.Should().NotBe(before);
    }

    public void Dispose()
    {
        _root.Dispose();
        _leaf.Dispose();
    }

    private static RejectionReason? Reason(CertificateVerdict verdict) => (verdict as CertificateVerdict.Rejected)?.Rejection.Reason;
}
