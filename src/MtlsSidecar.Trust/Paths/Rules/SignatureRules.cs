using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>
/// Signatures along a path (RFC 5280 §6.1.3(a)(1)). Each is verified once a search under one key, however many paths and however many
/// certificates of that key take part.
/// </summary>
internal sealed class SignatureRules(SearchBounds bounds)
{
    private readonly Dictionary<ParsedCertificate, List<(ReadOnlyMemory<byte> Key, bool Holds)>> _verified = [];

    /// <summary>
    /// Gives the refusal, or null. A key that inherits its parameters can't be used before its own issuer is known:
    /// <see cref="CheckInherited"/> does that.
    /// </summary>
    public PeerRejection? Check(ParsedCertificate subject, ParsedCertificate issuer)
    {
        if (issuer.Content.Key is not { } key)
        {
            return Refuse(issuer, $"the issuer's key can't be used: {issuer.Content.KeyError}");
        }

        if (key.InheritsParameters)
        {
            return null;
        }

        if (Recall(subject, issuer) is not { } holds)
        {
            if (!bounds.TakeSignatureCheck(key))
            {
                return bounds.Exceeded;
            }

            holds = Verify(subject, issuer, key);
            _verified[subject].Add((KeyOf(issuer), holds));
            if (!holds && !bounds.TakeFailedCheck())
            {
                return bounds.Exceeded;
            }
        }

        return holds ? null : NotBy(subject, issuer);
    }

    /// <summary>
    /// Whether a certificate is signed by its own key. Every use of it is a leniency towards those that aren't, so a self-issued one of
    /// which the platform can't tell (Ed25519) counts as self-signed.
    /// </summary>
    public static bool IsSelfSigned(ParsedCertificate certificate)
        => certificate.IsSelfIssued && certificate.Content.Key is { } key && (key.Family == KeyFamily.Ed25519 || Verify(certificate, certificate, key));

    /// <summary>Whether a certificate's signature is by the issuer's key, which must need no one else's parameters.</summary>
    public static bool Holds(ParsedCertificate subject, ParsedCertificate issuer)
        => issuer.Content.Key is { InheritsParameters: false } key && Verify(subject, issuer, key);

    /// <summary>Verifies what waited for inherited DSA parameters (RFC 5280 §6.1.4(e)), from the anchor down.</summary>
    /// <param name="path">Leaf first, anchor last.</param>
    public PeerRejection? CheckInherited(IReadOnlyList<ParsedCertificate> path)
    {
        var working = path[^1].Content.Key;
        for (var i = path.Count - 2; i >= 0 && working is not null; i--)
        {
            if (working.InheritsParameters)
            {
                return Refuse(path[i + 1], "a DSA key without parameters under an issuer that has none to inherit");
            }

            if (path[i + 1].Content.Key is { InheritsParameters: true })
            {
                if (!bounds.TakeSignatureCheck(working))
                {
                    return bounds.Exceeded;
                }

                if (!Verify(path[i], path[i + 1], working))
                {
                    return NotBy(path[i], path[i + 1]);
                }
            }

            var key = path[i].Content.Key;
            working = key is { InheritsParameters: true } && working.DsaParameters is { } parameters
                ? key.TryInherit(parameters) ?? key
                : key;
        }

        return null;
    }

    private bool? Recall(ParsedCertificate subject, ParsedCertificate issuer)
    {
        if (!_verified.TryGetValue(subject, out var verdicts))
        {
            _verified[subject] = verdicts = [];
        }

        foreach (var (key, holds) in verdicts)
        {
            if (key.Span.SequenceEqual(KeyOf(issuer).Span))
            {
                return holds;
            }
        }

        return null;
    }

    /// <summary>What a verdict on a signature is remembered under. The platform's engine looks at more of an issuer than its key.</summary>
    private static ReadOnlyMemory<byte> KeyOf(ParsedCertificate issuer)
        => issuer.Content.Key is { Family: KeyFamily.Ed25519 } ? issuer.RawData : issuer.SubjectPublicKeyInfo;

    private static bool Verify(ParsedCertificate subject, ParsedCertificate issuer, SubjectKey key) => key.Family == KeyFamily.Ed25519
        ? subject.Content.SignatureAlgorithm is { Family: KeyFamily.Ed25519 } && PlatformSignature.Holds(subject, issuer)
        : subject.Content.SignatureAlgorithm is { } algorithm && key.Verify(algorithm, issuer, subject.SignedData.Span, subject.Signature.Span);

    private static PeerRejection NotBy(ParsedCertificate subject, ParsedCertificate issuer)
        => Refuse(subject, $"not signed by the key of the issuer found by name, {issuer.SubjectText}");

    private static PeerRejection Refuse(ParsedCertificate certificate, string detail)
        => new(RejectionReason.BadSignature, detail, "RFC 5280 §6.1.3(a)(1)", certificate.SubjectText);
}
