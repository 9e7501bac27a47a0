using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// How much work one search may cost. Whoever presents a chain chooses the graph that we search, so each kind of work has an end, and a
/// search that reaches it is a refusal.
/// </summary>
/// <param name="anchors">How many trust anchors there are: the operator chose them, so that a signature fits none of their keys is no sign of malice.</param>
internal sealed class SearchBounds(int anchors)
{
    /// <summary>Certificates in one path, self-issued ones included, which the configured depth doesn't count.</summary>
    public const int MaxPathLength = 32;

    /// <summary>Tries of an issuer for a certificate. One costs about a microsecond; honest graphs with a dozen cross-certificates need under a hundred.</summary>
    private const int MaxSteps = 2_000;

    /// <summary>Public-key operations: about 50 µs each, so at most a few milliseconds. Honest paths need one per certificate.</summary>
    public const int MaxSignatureChecks = 64;

    /// <summary>
    /// The same by what they cost: one is a check by RSA of 2048 bits, one by 8192 bits is sixteen. Enough for the longest path of such keys.
    /// </summary>
    public const int MaxSignatureCost = 160;

    /// <summary>
    /// Checks that fail before any signatures lead from the leaf to an anchor, beside one for each anchor. Until then whoever we talk to may
    /// have made all of it himself. An honest peer presents an issuer of the right name and wrong key once or twice, after a change of keys.
    /// </summary>
    public const int MaxFailedChecks = 8;

    /// <summary>Names compared with subtrees: under 100 ns each. A certificate with 400 names under 400 subtrees stays below.</summary>
    private const int MaxNameComparisons = 250_000;

    /// <summary>Whole paths put to policy processing and the platform, about half a millisecond each. Honest searches need one or two.</summary>
    public const int MaxWholePaths = 16;

    private int _steps;
    private int _signatureChecks;
    private int _signatureCost;
    private int _failedChecks;
    private bool _isVouchedFor;
    private int _nameComparisons;
    private int _wholePaths;

    /// <summary>Why the search ended early; null as long as it goes on.</summary>
    public PeerRejection? Exceeded { get; private set; }

    /// <summary>Takes one try of an issuer.</summary>
    public bool TakeStep()
        => ++_steps <= MaxSteps || Exceed(RejectionReason.PathTooLong, $"no path among the first {MaxSteps} combinations of certificates");

    /// <summary>Takes one signature check.</summary>
    public bool TakeSignatureCheck(SubjectKey key)
    {
        _signatureCost += key.VerificationCost;
        return (++_signatureChecks <= MaxSignatureChecks || Exceed(RejectionReason.PathTooLong, $"no path after {MaxSignatureChecks} signature checks"))
            && (_signatureCost <= MaxSignatureCost || Exceed(RejectionReason.PathTooLong, "no path after signature checks by keys so large"));
    }

    /// <summary>Takes note that a signature was not the key's; false when that was one too many.</summary>
    public bool TakeFailedCheck()
        => ++_failedChecks <= MaxFailedChecks + anchors
            || _isVouchedFor
            || Exceed(RejectionReason.PathTooLong, $"no path after {_failedChecks} signatures that are not by the issuer found by name");

    /// <summary>Takes note that signatures lead from the leaf to an anchor: an authority has vouched for whoever presents it.</summary>
    public void NoteVouchedFor() => _isVouchedFor = true;

    /// <summary>Takes a number of comparisons between names and subtrees.</summary>
    public bool TakeNameComparisons(long count)
    {
        if (count > MaxNameComparisons - _nameComparisons)
        {
            return Exceed(RejectionReason.NameConstraint, $"more than {MaxNameComparisons} comparisons of names with name constraints");
        }

        _nameComparisons += (int)count;
        return true;
    }

    /// <summary>Takes one path that has reached an anchor.</summary>
    public bool TakeWholePath()
        => ++_wholePaths <= MaxWholePaths || Exceed(RejectionReason.PathTooLong, $"none of the first {MaxWholePaths} paths to an anchor holds");

    private bool Exceed(RejectionReason reason, string detail)
    {
        Exceeded ??= new PeerRejection(reason, detail);
        return false;
    }
}
