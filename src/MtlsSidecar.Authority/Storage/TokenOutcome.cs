namespace MtlsSidecar.Authority.Storage;

/// <summary>What came of an attempt to redeem a token.</summary>
internal enum TokenOutcome
{
    /// <summary>A certificate was issued and recorded.</summary>
    Issued,

    /// <summary>The same key has redeemed it a moment ago: the answer was lost, and is given again.</summary>
    Repeated,

    /// <summary>It was not made here.</summary>
    Unknown,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It has been used as often as it may be.</summary>
    UsedUp,
}
