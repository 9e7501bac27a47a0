using System.Formats.Asn1;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Puts one response to one question: RFC 6960 §3.2. The numbers in the comments are the steps of that section.</summary>
internal static class OcspCheck
{
    /// <summary>Reads and judges a response.</summary>
    /// <param name="response">The response, DER.</param>
    /// <param name="question">The certificate, its issuer, and the time.</param>
    /// <param name="options">Which responses count.</param>
    /// <param name="nonce">What the response must repeat; null when nothing was asked.</param>
    /// <exception cref="OcspException">It is no usable answer to that question.</exception>
    public static OcspAnswer Judge(ReadOnlyMemory<byte> response, RevocationQuestion question, OcspOptions options, ReadOnlyMemory<byte>? nonce)
    {
        var read = OcspResponseReader.Read(response);
        try
        {
            return Judge(read, question, options, nonce);
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            // Keys and names are read late; what can't be read vouches for nothing.
            throw new OcspException(exception.Message, exception);
        }
    }

    private static OcspAnswer Judge(OcspResponse response, RevocationQuestion question, OcspOptions options, ReadOnlyMemory<byte>? nonce)
    {
        // (1) The certificate in question is meant.
        var entries = response.Entries.Where(entry => entry.CertId.Names(question.Certificate, question.Issuer)).ToList();
        if (entries.Count == 0)
        {
            throw new OcspException("the response is about other certificates");
        }

        // RFC 9654 §2.1. Whoever sent none takes any; whoever sent one wants an answer that was made for it.
        if (nonce is { } sent && !(response.Nonce is { } received && IsNonce(received, sent)))
        {
            throw new OcspException(response.Nonce is null ? "the response repeats no nonce" : "the response repeats another nonce");
        }

        // (5), (6) Of several entries only those count that are in time.
        var usable = entries.Where(entry => IsInTime(entry, question.At, options)).ToList();
        if (usable.Count == 0)
        {
            throw new OcspException(DescribeTimes(entries[0], question.At));
        }

        // (2), (3), (4) The signature is that of somebody entitled.
        var signerEnds = OcspSigner.Find(response, question, options);

        // Contradictions count against the certificate.
        var worst = usable.MaxBy(entry => Weight(entry.Status))!;
        var end = EndOf(worst, options);
        return new OcspAnswer(worst.Status, Describe(worst, response.ResponderId), worst.ThisUpdate, end < signerEnds ? end : signerEnds)
        {
            IsFinal = worst is { Status: RevocationStatus.Revoked, IsOnHold: false },
        };
    }

    private static bool IsInTime(OcspSingleResponse entry, DateTimeOffset at, OcspOptions options)
        => entry.ThisUpdate <= After(at, OcspOptions.ClockSkew) && at <= EndOf(entry, options);

    private static DateTimeOffset EndOf(OcspSingleResponse entry, OcspOptions options)
        => entry.NextUpdate ?? After(entry.ThisUpdate, options.MaxAgeWithoutNextUpdate);

    private static DateTimeOffset After(DateTimeOffset time, TimeSpan span) => DateTimeOffset.MaxValue - time > span ? time + span : DateTimeOffset.MaxValue;

    /// <summary>RFC 9654 §2.1: an OCTET STRING inside the extension's value; a bare value, as some responders echo it, is the same.</summary>
    private static bool IsNonce(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> sent)
        => value.Span.SequenceEqual(sent.Span)
            || (value.Span is [(byte)UniversalTagNumber.OctetString, var length, ..] && length == value.Length - 2 && value.Span[2..].SequenceEqual(sent.Span));

    private static int Weight(RevocationStatus status) => status switch
    {
        RevocationStatus.Good => 0,
        RevocationStatus.Unknown => 1,
        _ => 2,
    };

    private static string Describe(OcspSingleResponse entry, OcspResponderId responder) => entry.Status switch
    {
        RevocationStatus.Good => $"good by OCSP responder {responder}, {entry.ThisUpdate:u}",
        RevocationStatus.Revoked => $"revoked ({entry.Reason}) by OCSP responder {responder}, {entry.ThisUpdate:u}",
        _ => $"not known to OCSP responder {responder}, {entry.ThisUpdate:u}",
    };

    private static string DescribeTimes(OcspSingleResponse entry, DateTimeOffset at) => entry switch
    {
        _ when entry.ThisUpdate > at => $"the response is from the future ({entry.ThisUpdate:u})",
        { NextUpdate: { } nextUpdate } => $"the response is stale since {nextUpdate:u}",
        _ => $"the response without nextUpdate is too old ({entry.ThisUpdate:u})",
    };
}
