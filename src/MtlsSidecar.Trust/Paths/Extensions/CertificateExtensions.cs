using System.Collections.Frozen;
using System.Formats.Asn1;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>The extensions of one certificate that path validation understands, read strictly; null where absent.</summary>
internal sealed record CertificateExtensions
{
    private static readonly FrozenSet<string> Understood = new[]
    {
        ExtensionOids.KeyUsage, ExtensionOids.SubjectAlternativeName, ExtensionOids.BasicConstraints,
        ExtensionOids.NameConstraints, ExtensionOids.CrlDistributionPoints, ExtensionOids.CertificatePolicies, ExtensionOids.PolicyMappings,
        ExtensionOids.PolicyConstraints, ExtensionOids.ExtendedKeyUsage, ExtensionOids.InhibitAnyPolicy,
    }.ToFrozenSet();

    public BasicConstraints? BasicConstraints { get; private init; }

    public KeyUsages? KeyUsage { get; private init; }

    public IReadOnlyList<string>? ExtendedKeyUsage { get; private init; }

    public ReadOnlyMemory<byte>? SubjectKeyIdentifier { get; private init; }

    public AuthorityKeyIdentifier? AuthorityKeyIdentifier { get; private init; }

    public IReadOnlyList<GeneralName>? SubjectAlternativeNames { get; private init; }

    public NameConstraints? NameConstraints { get; private init; }

    public IReadOnlyList<PolicyInformation>? Policies { get; private init; }

    public IReadOnlyList<PolicyMapping>? PolicyMappings { get; private init; }

    public PolicyConstraints? PolicyConstraints { get; private init; }

    public int? InhibitAnyPolicy { get; private init; }

    /// <summary>
    /// A critical extension that path validation doesn't understand. The key identifiers count: RFC 5280 §4.2.1.1 and §4.2.1.2 forbid to
    /// mark them critical, and to treat a hint as binding is nothing that we do.
    /// </summary>
    public string? UnknownCritical { get; private init; }

    /// <summary>Reads the extensions.</summary>
    /// <exception cref="AsnContentException">One that we understand is not what its section says.</exception>
    public static CertificateExtensions Read(ParsedCertificate certificate)
    {
        return new CertificateExtensions
        {
            BasicConstraints = Value(ExtensionOids.BasicConstraints) is { } basic ? Extensions.BasicConstraints.Read(basic) : null,
            KeyUsage = Value(ExtensionOids.KeyUsage) is { } usage ? ReadKeyUsage(usage) : null,
            ExtendedKeyUsage = Value(ExtensionOids.ExtendedKeyUsage) is { } extended ? ReadPurposes(extended) : null,
            SubjectKeyIdentifier = Value(ExtensionOids.SubjectKeyIdentifier) is { } subjectKey ? ReadOctets(subjectKey) : default(ReadOnlyMemory<byte>?),
            AuthorityKeyIdentifier = Value(ExtensionOids.AuthorityKeyIdentifier) is { } authorityKey ? Extensions.AuthorityKeyIdentifier.Read(authorityKey) : null,
            SubjectAlternativeNames = Value(ExtensionOids.SubjectAlternativeName) is { } names ? GeneralName.ReadAll(names) : null,
            NameConstraints = Value(ExtensionOids.NameConstraints) is { } constraints ? Extensions.NameConstraints.Read(constraints) : null,
            Policies = Value(ExtensionOids.CertificatePolicies) is { } policies ? PolicyInformation.ReadAll(policies) : null,
            PolicyMappings = Value(ExtensionOids.PolicyMappings) is { } mappings ? PolicyMapping.ReadAll(mappings) : null,
            PolicyConstraints = Value(ExtensionOids.PolicyConstraints) is { } demands ? Extensions.PolicyConstraints.Read(demands) : null,
            InhibitAnyPolicy = Value(ExtensionOids.InhibitAnyPolicy) is { } inhibit ? ReadCount(inhibit) : null,
            UnknownCritical = certificate.Extensions.Values.FirstOrDefault(extension => extension.Critical && !Understood.Contains(extension.Oid!.Value!))?.Oid!.Value,
        };

        ReadOnlyMemory<byte>? Value(string oid) => certificate.Extensions.TryGetValue(oid, out var extension) ? extension.RawData : default(ReadOnlyMemory<byte>?);
    }

    private static KeyUsages ReadKeyUsage(ReadOnlyMemory<byte> value)
    {
        var document = new AsnReader(value, AsnEncodingRules.DER);
        var usage = document.ReadNamedBitListValue<KeyUsages>();
        document.ThrowIfNotEmpty();
        return usage;
    }

    private static List<string> ReadPurposes(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadNonEmptySequence(value);
        var purposes = new List<string>();
        while (sequence.HasData)
        {
            purposes.Add(sequence.ReadObjectIdentifier());
        }

        return purposes;
    }

    private static ReadOnlyMemory<byte> ReadOctets(ReadOnlyMemory<byte> value)
    {
        var document = new AsnReader(value, AsnEncodingRules.DER);
        var octets = document.ReadOctetString();
        document.ThrowIfNotEmpty();
        return octets;
    }

    private static int ReadCount(ReadOnlyMemory<byte> value)
    {
        var document = new AsnReader(value, AsnEncodingRules.DER);
        var count = DerValue.ReadSkipCount(document, Asn1Tag.Integer);
        document.ThrowIfNotEmpty();
        return count;
    }
}
