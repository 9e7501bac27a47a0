namespace MtlsSidecar.Trust.Paths;

/// <summary>
/// The certificates that may stand above another one by their name, best first. The order (RFC 4158 §3.5) decides how fast a path is
/// found, never whether: hints that a peer controls are not conditions.
/// </summary>
internal sealed class IssuerCandidates
{
    private readonly List<IssuerCandidate> _all;
    private readonly DateTimeOffset _at;
    private readonly Dictionary<ParsedCertificate, IReadOnlyList<IssuerCandidate>> _found = [];

    public IssuerCandidates(
        ParsedCertificate leaf, IReadOnlyList<ParsedCertificate> untrusted, IReadOnlyList<ParsedCertificate> anchors, DateTimeOffset at)
    {
        _at = at;
        _all = new List<IssuerCandidate>(anchors.Count + untrusted.Count);
        _all.AddRange(anchors.Select(anchor => new IssuerCandidate(anchor, IsAnchor: true)));
        foreach (var certificate in untrusted)
        {
            // Peers often send the root along; as an intermediate it would only lead in circles.
            if (!IsSame(certificate, leaf) && !_all.Exists(known => IsSame(certificate, known.Certificate)))
            {
                _all.Add(new IssuerCandidate(certificate, IsAnchor: false));
            }
        }

        DropUnanchored();
    }

    /// <summary>Finds the anchor that is this very certificate.</summary>
    public ParsedCertificate? FindAnchor(ParsedCertificate certificate)
        => _all.Find(candidate => candidate.IsAnchor && IsSame(candidate.Certificate, certificate))?.Certificate;

    /// <summary>Those whose subject is the certificate's issuer.</summary>
    public IReadOnlyList<IssuerCandidate> IssuersOf(ParsedCertificate certificate)
    {
        if (!_found.TryGetValue(certificate, out var issuers))
        {
            _found[certificate] = issuers = [.. _all.Where(candidate => IsNamedAsIssuer(candidate.Certificate, certificate))
                .OrderBy(candidate => KeyIdentifierRank(candidate.Certificate, certificate))
                .ThenByDescending(candidate => candidate.Certificate.NotBefore <= _at && _at <= candidate.Certificate.NotAfter)
                .ThenByDescending(candidate => candidate.IsAnchor)
                .ThenByDescending(candidate => candidate.Certificate.NotBefore)];
        }

        return issuers;
    }

    /// <summary>
    /// Leaves out those above which no anchor stands even by name: no path leads through them, and each would cost a check of a signature by a
    /// key that the peer chose.
    /// </summary>
    private void DropUnanchored()
    {
        var open = _all.Where(candidate => !candidate.IsAnchor).ToList();
        var reached = new Queue<IssuerCandidate>(_all.Where(candidate => candidate.IsAnchor));
        List<ReadOnlyMemory<byte>> names = [];
        while (open.Count > 0 && reached.TryDequeue(out var issuer))
        {
            if (names.Exists(name => name.Span.SequenceEqual(issuer.Certificate.Subject.Span)))
            {
                continue;
            }

            names.Add(issuer.Certificate.Subject);
            foreach (var below in open.FindAll(candidate => IsNamedAsIssuer(issuer.Certificate, candidate.Certificate)))
            {
                open.Remove(below);
                reached.Enqueue(below);
            }
        }

        _all.RemoveAll(open.Contains);
    }

    private static bool IsSame(ParsedCertificate one, ParsedCertificate other)
        => ReferenceEquals(one, other) || one.RawData.Span.SequenceEqual(other.RawData.Span);

    /// <summary>One whose content can't be read stays a candidate by its octets, so that the refusal can say what is wrong with it.</summary>
    private static bool IsNamedAsIssuer(ParsedCertificate candidate, ParsedCertificate certificate)
        => candidate.Subject.Span.SequenceEqual(certificate.Issuer.Span)
            || (candidate.TryReadContent(out var content, out _) && certificate.TryReadContent(out var below, out _) && content.Subject.Equals(below.Issuer));

    private static int KeyIdentifierRank(ParsedCertificate candidate, ParsedCertificate certificate)
    {
        if (certificate.AuthorityKeyIdentifier?.KeyIdentifier is not { } wanted
            || !candidate.TryReadContent(out var content, out _) || content.Extensions.SubjectKeyIdentifier is not { } offered)
        {
            return 1;
        }

        return wanted.Span.SequenceEqual(offered.Span) ? 0 : 2;
    }
}
