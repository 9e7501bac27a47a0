using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths;

public sealed class SearchBoundsTests
{
    private static readonly SubjectKey LargeKey = new(KeyFamily.Rsa, "RSA 8192") { VerificationCost = 16 };
    private static readonly SubjectKey UsualKey = new(KeyFamily.Rsa, "RSA 2048");

    [Fact]
    public void LongestPathOfTheLargestKeys_IsWithinTheBound()
    {
        var bounds = new SearchBounds(1);

        Enumerable.Range(0, 10).Should().AllSatisfy(_ => bounds.TakeSignatureCheck(LargeKey).Should().BeTrue());
    }

    [Fact]
    public void ChecksByLargeKeys_EndBeforeThoseByUsualOnes()
    {
        var (large, usual) = (new SearchBounds(1), new SearchBounds(1));

        Enumerable.Range(0, SearchBounds.MaxSignatureChecks).Count(_ => large.TakeSignatureCheck(LargeKey)).Should().Be(10);
        Enumerable.Range(0, SearchBounds.MaxSignatureChecks + 1).Count(_ => usual.TakeSignatureCheck(UsualKey)).Should().Be(SearchBounds.MaxSignatureChecks);
        large.Exceeded!.Reason.Should().Be(RejectionReason.PathTooLong);
    }

    [Fact]
    public void FailedChecks_EndSoonUnlessAnAuthorityVouchesForTheLeaf()
    {
        var (stranger, vouchedFor) = (new SearchBounds(3), new SearchBounds(3));
        vouchedFor.NoteVouchedFor();

        Enumerable.Range(0, 40).Count(_ => stranger.TakeFailedCheck()).Should().Be(SearchBounds.MaxFailedChecks + 3);
        Enumerable.Range(0, 40).Count(_ => vouchedFor.TakeFailedCheck()).Should().Be(40);
    }
}
