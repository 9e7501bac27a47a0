using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Rules;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>
/// Finds who signed a response and whether he may (RFC 6960 §3.2 steps 2 to 4, §4.2.2.2): the issuer of the certificate in question itself,
/// or a responder to whom that very key has delegated it. There is no trust in responders by configuration.
/// </summary>
internal static class OcspSigner
{
    /// <summary>Gives the last moment at which the signer may sign.</summary>
    /// <exception cref="OcspException">Nobody known and entitled signed the response.</exception>
    public static DateTimeOffset Find(OcspResponse response, RevocationQuestion question, OcspOptions options)
    {
        // The issuer stands on the validated path. Its key usage need not say digitalSignature: neither RFC 6960 nor any responder cares.
        if (response.ResponderId.Names(question.Issuer) && Signed(response, question.Issuer, options))
        {
            return DateTimeOffset.MaxValue;
        }

        var refusal = $"signed by nobody known and entitled ({response.ResponderId})";
        foreach (var candidate in response.Certificates)
        {
            if (!response.ResponderId.Names(candidate))
            {
                continue;
            }

            if (Refuse(candidate, response, question, options) is not { } reason)
            {
                return candidate.NotAfter;
            }

            refusal = $"signed by {candidate.SubjectText}, {reason}";
        }

        throw new OcspException(refusal);
    }

    /// <summary>Why a certificate is not that of a delegated responder who signed the response; null when it is. Cheap rules first.</summary>
    private static string? Refuse(ParsedCertificate responder, OcspResponse response, RevocationQuestion question, OcspOptions options)
    {
        if (!responder.TryReadContent(out var content, out var error))
        {
            return $"whose certificate can't be read: {error}";
        }

        // anyExtendedKeyUsage is no delegation: it must be said (RFC 6960 §4.2.2.2).
        if (content.Extensions.ExtendedKeyUsage is not { } purposes || !purposes.Contains(OcspOids.OcspSigning))
        {
            return "whose certificate doesn't delegate OCSP signing (RFC 6960 §4.2.2.2)";
        }

        if (content.Extensions.KeyUsage is { } usage && (usage & (KeyUsages.DigitalSignature | KeyUsages.NonRepudiation)) == 0)
        {
            return "whose key usage doesn't allow signatures (RFC 5280 §4.2.1.12)";
        }

        // Whoever holds a certificate's key must not decide about that certificate.
        if (responder.SubjectPublicKeyInfo.Span.SequenceEqual(question.Certificate.SubjectPublicKeyInfo.Span))
        {
            return "who holds the key of the certificate in question";
        }

        if (!Signed(response, responder, options))
        {
            return "whose key didn't sign it";
        }

        return RefuseCertificate(responder, question, options);
    }

    /// <summary>
    /// Certified by the key that signed the certificate in question, under the issuer's name, and by nobody in between (§4.2.2.2, last
    /// paragraph). Validity, critical extensions, algorithm floor and the constraints of every authority above hold for it as for any
    /// certificate; what the authorities themselves must keep was judged on the path.
    /// </summary>
    private static string? RefuseCertificate(ParsedCertificate responder, RevocationQuestion question, OcspOptions options)
    {
        var issuer = question.Issuer;
        if (!responder.IssuerName.Equals(issuer.SubjectName)
            || !SignatureRules.Holds(responder, issuer))
        {
            return "whose certificate is not by the issuer of the certificate in question";
        }

        var pathOptions = options.AlgorithmFloor ? PathOptions.Workload : PathOptions.Rfc5280;
        if (CertificateRules.Check(responder, isAnchor: false, isLeaf: true, pathOptions, question.At) is { } broken)
        {
            return $"whose certificate doesn't hold: {broken.Detail}";
        }

        var above = question.Path.Certificates.Skip(question.Index + 1).ToList();
        var bounds = new SearchBounds(anchors: 0);
        if (above.Select(authority => NameConstraintRules.Check(authority.NameConstraints, [responder], bounds)).FirstOrDefault(outside => outside is not null) is { } outside)
        {
            return $"whose certificate doesn't hold: {outside.Detail}";
        }

        if (responder.Extensions.ContainsKey(OcspOids.NoCheck))
        {
            return null;
        }

        var path = new CertificationPath([responder, .. above], question.Path.Policies);
        return options.IsRevokedResponder(question with { Path = path, Index = 0 }) ? "whose certificate is revoked" : null;
    }

    private static bool Signed(OcspResponse response, ParsedCertificate signer, OcspOptions options)
        => signer.TryReadContent(out var content, out _)
            && content.Key is { } key
            && (!options.AlgorithmFloor || (response.Algorithm.IsStrong && key.IsStrong))
            && key.Verify(response.Algorithm, signer, response.SignedData.Span, response.Signature.Span);
}
