namespace MtlsSidecar.Authority.Storage;

/// <summary>A CRL that was or is about to be signed.</summary>
/// <param name="Issuer">The issuer's name.</param>
/// <param name="Number">The CRL number (RFC 5280 §5.2.3), greater than that of any CRL of this issuer before it.</param>
/// <param name="ThisUpdate">
/// From when it counts: a minute before it was made, and never before its predecessor, whatever the clock says; unless an operator has said
/// that the clock was wrong when that was made.
/// </param>
/// <param name="NextUpdate">When its successor is due at the latest.</param>
/// <param name="Sequence">The last revocation that it knows of.</param>
internal sealed record CrlRecord(string Issuer, long Number, DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate, long Sequence)
{
    /// <summary>How far back a CRL is dated: a relying party whose clock is a little behind would take it for one from the future.</summary>
    public static TimeSpan Backdating { get; } = TimeSpan.FromSeconds(60);

    /// <summary>When it was made.</summary>
    public DateTimeOffset MadeAt => ThisUpdate + Backdating;

    /// <summary>Whether it is a scheduled one, to which delta CRLs refer until the next scheduled one.</summary>
    public bool IsBase { get; init; }

    /// <summary>Whether it was published.</summary>
    public bool IsPublished { get; init; }
}
