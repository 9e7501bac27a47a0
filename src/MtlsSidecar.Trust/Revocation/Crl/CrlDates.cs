namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Whether a CRL is in force at a moment, beside the others in memory: for people. Decisions are <see cref="CrlCheck"/>'s.</summary>
internal static class CrlDates
{
    /// <summary>Why nothing can be answered from the CRL by its dates; null when something can, or when another has taken its place.</summary>
    public static string? ProblemOf(CertificateList list, IReadOnlyCollection<CertificateList> all, TimeSpan maxStaleness, DateTimeOffset now)
    {
        if (all.Any(other => TakesThePlaceOf(list, other, now)))
        {
            return null;
        }

        if (list.ThisUpdate > now)
        {
            return $"{list} is not in force before {list.ThisUpdate:u}";
        }

        return now - list.NextUpdate > maxStaleness && !all.Any(delta => IsCurrentDeltaOf(list, delta, now))
            ? $"{list} is stale since {list.NextUpdate:u}"
            : null;
    }

    private static bool TakesThePlaceOf(CertificateList list, CertificateList other, DateTimeOffset now)
        => other != list
        && other.Scope == list.Scope
        && other.ThisUpdate <= now

        // One that nobody is known to have signed takes the place of no verified one.
        && (!list.IsVerified || other.IsVerified)
        && (list.ThisUpdate > now || other.Age.CompareTo(list.Age) > 0);

    /// <summary>With a current delta a complete CRL is as current as the delta (RFC 5280 §5.2.4).</summary>
    private static bool IsCurrentDeltaOf(CertificateList complete, CertificateList delta, DateTimeOffset now)
        => !complete.IsDelta
        && delta.ThisUpdate <= now
        && delta.NextUpdate >= now
        && delta.Issuer.Equals(complete.Issuer)
        && delta.BuildsOn(complete);
}
