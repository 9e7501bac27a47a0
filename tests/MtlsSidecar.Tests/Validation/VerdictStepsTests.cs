using MtlsSidecar.Trust.Validation;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

public sealed class VerdictStepsTests
{
    private static readonly HashSet<ValidationStep> None = [];

    public static TheoryData<RejectionReason> Reasons => new(Enum.GetValues<RejectionReason>());

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Refusal_IsOneStepBetweenThosePassedAndThoseNotReached(RejectionReason reason)
    {
        var steps = VerdictSteps.Of(new PeerValidation.Rejected(new PeerRejection(reason, "found", "RFC 0 §1", "CN=x")), None).ToList();

        var refused = steps.FindIndex(step => step.Outcome == "refused");
        steps[refused].Detail.Should().Be($"{reason}: CN=x: found: RFC 0 §1");
        steps.Take(refused).Select(step => step.Outcome).Should().BeSubsetOf(["ok"]);
        steps.Skip(refused + 1).Select(step => step.Outcome).Should().BeSubsetOf(["not reached"]);
    }

    [Theory]
    [InlineData(RejectionReason.Malformed, 0)]
    [InlineData(RejectionReason.AuthorityAsLeaf, 1)]
    [InlineData(RejectionReason.IdentityAmbiguous, 2)]
    [InlineData(RejectionReason.Expired, 3)]
    [InlineData(RejectionReason.Revoked, 4)]
    [InlineData(RejectionReason.IdentityMismatch, 5)]
    public void Reason_BelongsToItsStep(RejectionReason reason, int step)
        => VerdictSteps.Of(new PeerValidation.Rejected(new PeerRejection(reason, "found")), None).ElementAt(step).Outcome.Should().Be("refused");

    [Fact]
    public void StepThatRefused_GoesBeforeWhatTheReasonSuggests()
    {
        // An intermediate for servers only: the leaf's own usage has passed.
        var rejection = new PeerRejection(RejectionReason.WrongKeyUsage, "found") { Step = ValidationStep.Path };

        VerdictSteps.Of(new PeerValidation.Rejected(rejection), None).Select(step => step.Outcome)
            .Should().Equal("ok", "ok", "ok", "refused", "not reached", "not reached");
    }

    [Fact]
    public void StepsThatNobodyAskedFor_DontReadAsPassed()
    {
        var rejection = new PeerRejection(RejectionReason.Expired, "found") { Step = ValidationStep.Path };

        VerdictSteps.Of(new PeerValidation.Rejected(rejection), new HashSet<ValidationStep> { ValidationStep.Profile, ValidationStep.Identity, ValidationStep.Validators })
            .Select(step => step.Outcome).Should().Equal("ok", "not asked", "not asked", "refused", "not reached", "not reached");
    }
}
