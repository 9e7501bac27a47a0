using System.Globalization;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>Reads the words and certificates that options and batch lines are made of.</summary>
internal static class ValidationInput
{
    /// <summary>Makes a job of options given as text.</summary>
    /// <param name="line">The options.</param>
    /// <param name="now">The time to judge for when none is given.</param>
    /// <exception cref="FormatException">An option can't be read; the message names it.</exception>
    public static ValidationJob ToJob(BatchLine line, DateTimeOffset now)
    {
        var profile = Choose(line.Profile, "profile", ValidationProfile.Workload, ("rfc5280", ValidationProfile.Rfc5280), ("workload", ValidationProfile.Workload));
        return new ValidationJob
        {
            Leaf = One(line.Leaf, "leaf"),
            Trust = [.. Many(line.Trust, "trust").Select(ReadAnchor)],
            Untrusted = Many(line.Untrusted, "untrusted"),
            Crls = [.. (line.Crls ?? []).Select(text => Bytes(text, "crls"))],
            Ocsp = line.Ocsp is { } ocsp ? Bytes(ocsp, "ocsp") : (ReadOnlyMemory<byte>?)null,
            Usage = Choose(line.Usage, "usage", CertificateUsage.Any, ("client", CertificateUsage.Client), ("server", CertificateUsage.Server), ("any", CertificateUsage.Any)),
            At = line.At is { } at ? ReadTime(at) : now,
            Identity = line.Identity is { } identity ? ReadIdentity(identity) : null,
            Profile = profile,
            Revocation = line.Revocation is null ? null : Choose(
                line.Revocation, "revocation", RevocationMode.Off, ("off", RevocationMode.Off), ("leaf", RevocationMode.Leaf), ("chain", RevocationMode.Chain)),
            Unknown = Choose(
                line.Unknown, "unknown", UnknownStatusPolicy.Reject, ("reject", UnknownStatusPolicy.Reject), ("accept", UnknownStatusPolicy.Accept)),
            Path = new PathOptions
            {
                AlgorithmFloor = ReadFloor(line.AlgorithmFloor?.ToString(), profile),
                MaxDepth = line.MaxDepth is { } depth ? ReadDepth(depth) : PathOptions.Workload.MaxDepth,
                Policies = line.Policies ?? [],
                RequireExplicitPolicy = line.RequireExplicitPolicy,
                InhibitPolicyMapping = line.InhibitPolicyMapping,
                InhibitAnyPolicy = line.InhibitAnyPolicy,
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

    private static int ReadDepth(int depth)
        => depth is >= 0 and <= 32 ? depth : throw new FormatException($"maxDepth: {depth} is outside 0 to 32");

    private static DateTimeOffset ReadTime(string text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"at: '{text}' is not an RFC 3339 time such as 2026-11-22T12:00:00Z");

    private static string ReadIdentity(string text)
    {
        var isHost = text.StartsWith("dns:", StringComparison.Ordinal) || text.StartsWith("ip:", StringComparison.Ordinal);
        return isHost || IdentityPattern.TryParse(text, out _)
            ? text
            : throw new FormatException($"identity: '{text}' is none of a SPIFFE ID, dns:NAME, ip:ADDRESS");
    }

    private static ParsedCertificate ReadAnchor(ReadOnlyMemory<byte> rawData)
        => ParsedCertificate.TryParse(rawData, out var anchor, out var error) ? anchor : throw new FormatException($"trust: {error}");

    private static ReadOnlyMemory<byte> One(string? text, string option) => Many(text is null ? null : [text], option) switch
    {
        [var only, ..] => only,
        _ => throw new FormatException($"{option}: a certificate is required"),
    };

    private static List<ReadOnlyMemory<byte>> Many(IReadOnlyList<string>? texts, string option)
        => [.. (texts ?? []).SelectMany(text => Certificates(text, option))];

    private static List<ReadOnlyMemory<byte>> Certificates(string text, string option)
    {
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

    private static byte[] Bytes(string text, string option)
    {
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
