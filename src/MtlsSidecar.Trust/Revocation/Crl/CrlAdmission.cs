namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Which CRLs count for one question: in force, signed by somebody known and entitled, and not older than one believed before. Remembers why
/// others don't, and until when the answer can hold.
/// </summary>
internal sealed class CrlAdmission(CrlSet set, CrlWatermarks watermarks, CrlSigner signer, RevocationQuestion question)
{
    private const int MaxDetails = 4;
    private List<string>? _details;

    /// <summary>Why CRLs didn't count.</summary>
    public IReadOnlyList<string> Details => _details ?? [];

    /// <summary>When the answer ends at the latest.</summary>
    public DateTimeOffset ValidUntil { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>Notes that the answer holds no longer than this.</summary>
    public void Limit(DateTimeOffset end) => ValidUntil = end < ValidUntil ? end : ValidUntil;

    /// <summary>Notes why a CRL doesn't count.</summary>
    public void Note(string detail)
    {
        _details ??= [];
        if (_details.Count < MaxDetails && !_details.Contains(detail))
        {
            _details.Add(detail);
        }
    }

    /// <summary>The key that signed a list which may be believed; null, and a note why, when it may not.</summary>
    public CrlSignerKey? Admit(CertificateList list)
    {
        if (!set.CountsUnder(list, question.Path.Anchor))
        {
            return null;
        }

        if (list.ThisUpdate > question.At)
        {
            // Not used before its time, and no answer of its predecessor outlives that moment.
            Limit(list.ThisUpdate);
            Note($"{list} is from the future ({list.ThisUpdate:u})");
            return null;
        }

        // (f), (g): who signed it?
        if (signer.Find(list) is not { } key)
        {
            Note($"{list} is signed by nobody known and entitled");
            return null;
        }

        if (!watermarks.Admits(list, key))
        {
            Note($"{list} is older than one seen before");
            return null;
        }

        return key;
    }

    /// <summary>Whether there is a newer one in force by the same key for the same scope. Two keys of one issuer count their CRLs apart.</summary>
    public bool IsSuperseded(CertificateList list, CrlSignerKey key)
    {
        // All of them, as those without a number don't stand in one order with the others.
        foreach (var newer in set.Of(list.Issuer).Of(list.Scope))
        {
            if (newer.Age.CompareTo(list.Age) <= 0 || !newer.ReportsAllOf(list))
            {
                continue;
            }

            if (IsBy(newer, key))
            {
                return true;
            }

            if (newer.ThisUpdate > question.At && set.CountsUnder(newer, question.Path.Anchor))
            {
                Limit(newer.ThisUpdate);
            }
        }

        return false;
    }

    /// <summary>
    /// Steps (c) and (h), and the conditions of §5.2.4: the newest delta CRL that goes with a complete one. A missing, stale or misfit one
    /// leaves the complete CRL alone in force.
    /// </summary>
    public CertificateList? FindDelta(CertificateList complete, CrlSignerKey key)
    {
        foreach (var delta in set.Of(complete.Issuer).Deltas)
        {
            if (delta.NextUpdate >= question.At && delta.BuildsOn(complete) && IsBy(delta, key) && watermarks.Admits(delta, key))
            {
                return delta;
            }
        }

        return null;
    }

    /// <summary>The complete CRLs in force by the key that a delta CRL could go with, save for their numbers.</summary>
    public List<CertificateList> CompleteFor(CertificateList delta, CrlSignerKey key)
    {
        var found = new List<CertificateList>();
        foreach (var complete in set.Of(delta.Issuer).Of(delta.Scope with { IsDelta = false }))
        {
            if (IsBy(complete, key))
            {
                found.Add(complete);
            }
        }

        return found;
    }

    /// <summary>
    /// Whether it is in force and by that key. That it is known to be by another key is no answer: known is what some handshake came to, so it
    /// would depend on which was the first.
    /// </summary>
    private bool IsBy(CertificateList list, CrlSignerKey key)
        => list.ThisUpdate <= question.At && set.CountsUnder(list, question.Path.Anchor) && signer.Signed(list, key);
}
