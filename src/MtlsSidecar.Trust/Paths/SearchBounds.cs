using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// How much work one search may cost. Whoever presents a chain chooses the graph that we search, so each kind of work has an end, and a
/// search that reaches it is a refusal.
/// </summary>
internal sealed class SearchBounds
{
    /// <summary>Certificates in one path, self-issued ones included, which the configured depth doesn't count.</summary>
    public const int MaxPathLength = 32;

    /// <summary>Tries of an issuer for a certificate. One costs about a microsecond; honest graphs with a dozen cross-certificates need under a hundred.</summary>
    private const int MaxSteps = 2_000;

    /// <summary>Public-key operations: about 50 µs each, so at most a few milliseconds. Honest paths need one per certificate.</summary>
    public const int MaxSignatureChecks = 64;

    /// <summary>Names compared with subtrees: under 100 ns each. A certificate with 400 names under 400 subtrees stays below.</summary>
    private const int MaxNameComparisons = 250_000;

    /// <summary>Whole paths put to policy processing and the platform, about half a millisecond each. Honest searches need one or two.</summary>
    private const int MaxWholePaths = 16;

    private int _steps;
    private int _signatureChecks;
    private int _nameComparisons;
    private int _wholePaths;

    /// <summary>Why the search ended early; null as long as it goes on.</summary>
    public PeerRejection? Exceeded { get; private set; }

    /// <summary>Takes one try of an issuer.</summary>
    public bool TakeStep()
        => ++_steps <= MaxSteps || Exceed(RejectionReason.PathTooLong, $"no path among the first {MaxSteps} combinations of certificates");

    /// <summary>Takes one signature check.</summary>
    public bool TakeSignatureCheck()
        => ++_signatureChecks <= MaxSignatureChecks || Exceed(RejectionReason.PathTooLong, $"no path after {MaxSignatureChecks} signature checks");

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
