using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>Reads the words and certificates that options and batch lines are made of.</summary>
internal static class ValidationInput
{
    /// <summary>
    /// Certificates beside the leaf at most, for a whole PKI may be audited. More are refused rather than left out in silence: a verdict on
    /// half of the input would be none.
    /// </summary>
    public const int MaxUntrusted = 10_000;

    /// <summary>Makes a job of options given as text.</summary>
    /// <param name="line">The options.</param>
    /// <param name="now">The time to judge for when none is given.</param>
    /// <exception cref="FormatException">An option can't be read; the message names it.</exception>
    public static ValidationJob ToJob(BatchLine line, DateTimeOffset now)
    {
        var profile = Choose(line.Profile, "profile", ValidationProfile.Workload, ("rfc5280", ValidationProfile.Rfc5280), ("workload", ValidationProfile.Workload));
        var notes = new List<string>();
        return new ValidationJob
        {
            Leaf = One(line.Leaf, "leaf"),
            Trust = ReadAnchors(Many(line.Trust, "trust"), notes),
            Notes = notes,
            Untrusted = ReadUntrusted(line),
            Crls = [.. (line.Crls ?? []).Select(text => Bytes(text, "crls"))],
            Ocsp = line.Ocsp is { } ocsp ? Bytes(ocsp, "ocsp") : (ReadOnlyMemory<byte>?)null,
            Usage = Choose(line.Usage, "usage", CertificateUsage.Any, ("client", CertificateUsage.Client), ("server", CertificateUsage.Server), ("any", CertificateUsage.Any)),
            At = line.At is { } at ? Rfc3339.Parse(at) : now,
            Identity = line.Identity is { } identity ? ExpectedIdentity.Parse(identity) : null,
            Profile = profile,
            Revocation = line.Revocation is null ? null : Choose(
                line.Revocation, "revocation", RevocationMode.Off, ("off", RevocationMode.Off), ("leaf", RevocationMode.Leaf), ("chain", RevocationMode.Chain)),
            Unknown = Choose(
                line.Unknown, "unknown", UnknownStatusPolicy.Reject, ("reject", UnknownStatusPolicy.Reject), ("accept", UnknownStatusPolicy.Accept)),
            Path = new PathOptions
            {
                AlgorithmFloor = ReadFloor(line.AlgorithmFloor?.ToString(), profile),
                BareAnchors = profile == ValidationProfile.Rfc5280,
                MaxDepth = line.MaxDepth is { } depth ? ReadDepth(depth) : PathOptions.Workload.MaxDepth,
                Policies = line.Policies ?? [],
                RequireExplicitPolicy = line.RequireExplicitPolicy ?? false,
                InhibitPolicyMapping = line.InhibitPolicyMapping ?? false,
                InhibitAnyPolicy = line.InhibitAnyPolicy ?? false,
            },
        };
    }

    private static T Choose<T>(string? word, string option, T absent, params (string Word, T Value)[] choices)
    {
        if (word is null)
        {
            return absent;
        }

        foreach (var choice in choices)
        {
            if (choice.Word == word)
            {
                return choice.Value;
            }
        }

        throw new FormatException($"{option}: '{word}' is none of {string.Join(", ", choices.Select(choice => choice.Word))}");
    }

    private static bool ReadFloor(string? word, ValidationProfile profile) => Choose(
        word, "algorithmFloor", profile == ValidationProfile.Workload, ("on", true), ("off", false), ("true", true), ("false", false), ("True", true), ("False", false));

    /// <summary>A larger number than the search's own bound on a path is no error: the bound refuses what goes beyond it.</summary>
    private static int ReadDepth(int depth)
        => depth >= 0 ? depth : throw new FormatException($"maxDepth: {depth} is negative");

    /// <summary>
    /// An anchor that can't be read is left out and noted, as an unread anchor vouches for nobody. Fails closed: when none is left, there is
    /// nothing to judge by.
    /// </summary>
    private static List<ParsedCertificate> ReadAnchors(List<ReadOnlyMemory<byte>> certificates, List<string> notes)
    {
        var anchors = new List<ParsedCertificate>();
        for (var i = 0; i < certificates.Count; i++)
        {
            if (ParsedCertificate.TryParse(certificates[i], out var anchor, out var error))
            {
                anchors.Add(anchor);
            }
            else
            {
                notes.Add($"trust anchor {i + 1}: {error}");
            }
        }

        return anchors.Count > 0 || notes.Count == 0 ? anchors : throw new FormatException($"trust: {string.Join("; ", notes)}");
    }

    private static List<ReadOnlyMemory<byte>> ReadUntrusted(BatchLine line)
    {
        var untrusted = Many(line.Untrusted, "untrusted");
        return untrusted.Count <= MaxUntrusted ? untrusted : throw new FormatException($"untrusted: more than {MaxUntrusted} certificates");
    }

    private static ReadOnlyMemory<byte> One(string? text, string option) => Many(text is null ? null : [text], option) switch
    {
        [var only, ..] => only,
        _ => throw new FormatException($"{option}: a certificate is required"),
    };

    private static List<ReadOnlyMemory<byte>> Many(IReadOnlyList<string>? texts, string option)
        => [.. (texts ?? []).SelectMany(text => Certificates(text, option))];

    private static List<ReadOnlyMemory<byte>> Certificates(string? text, string option)
    {
        if (text is null)
        {
            throw new FormatException($"{option}: null is no certificate");
        }

        if (!text.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return [Bytes(text, option)];
        }

        var certificates = new List<ReadOnlyMemory<byte>>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is "CERTIFICATE" or "TRUSTED CERTIFICATE" or "X509 CERTIFICATE")
            {
                certificates.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }

            rest = rest[fields.Location.End..];
        }

        return certificates;
    }

    private static byte[] Bytes(string? text, string option)
    {
        if (text is null)
        {
            throw new FormatException($"{option}: null is neither PEM nor base64");
        }

        if (text.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return System.Text.Encoding.ASCII.GetBytes(text);
        }

        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new FormatException($"{option}: neither PEM nor base64");
        }
    }
}
