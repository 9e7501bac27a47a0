using System.Formats.Asn1;
using FsCheck;
using FsCheck.Fluent;
using MtlsSidecar.TestKit.Fuzzing;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;
using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Conformance.Tests.Fuzzing;

/// <summary>Each field of certificates, CRLs and OCSP responses over any DER: it is read, or refused with the documented error, in bounded memory.</summary>
public sealed class FieldProperties
{
    private const int Inputs = 3_000;

    private static readonly DistinguishedName Nobody = DistinguishedName.Read(new byte[] { 0x30, 0x00 });

    private static readonly Dictionary<string, Action<byte[]>> Readers = new()
    {
        ["distinguished name"] = value => DistinguishedName.Read(value),
        ["alternative names"] = value => GeneralName.ReadAll(value),
        ["name constraints"] = value => NameConstraints.Read(value),
        ["basic constraints"] = value => BasicConstraints.Read(value),
        ["authority key identifier"] = value => AuthorityKeyIdentifier.Read(value),
        ["policies"] = value => PolicyInformation.ReadAll(value),
        ["policy mappings"] = value => PolicyMapping.ReadAll(value),
        ["policy constraints"] = value => PolicyConstraints.Read(value),
        ["key"] = value => SubjectKey.TryRead(value, out _, out _),
        ["signature algorithm"] = value => SignatureAlgorithm.TryReadForCertificate(value, out _),
        ["distribution points"] = value => DistributionPoint.ReadAll(value, Nobody),
        ["CRL"] = value => CrlReader.ReadAll(value).ForEach(list => list.Entries.Dispose()),
        ["certificate"] = value => ParsedCertificate.TryParse(value, out _, out _),
        ["OCSP response"] = value => OcspResponseReader.Read(value),
        ["OCSP extensions"] = value => OcspExtensions.ReadOptional(new AsnReader(value, AsnEncodingRules.DER), ofEntry: true),
        ["OCSP certificate id"] = value => OcspCertId.Read(new AsnReader(value, AsnEncodingRules.DER)),
        ["OCSP responder"] = value => OcspResponderId.Read(new AsnReader(value, AsnEncodingRules.DER)),
    };

    public static TheoryData<string> Fields => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsReadOrRefused(string field) => Prop.ForAll(GeneratedDer.Values, value => MemoryBound.Hold(value.Length, () => IsReadOrRefused(field, value)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(Inputs));

    private static bool IsReadOrRefused(string field, byte[] value)
    {
        try
        {
            Readers[field](value);
            return true;
        }
        catch (Exception exception) when (exception is AsnContentException or CrlFormatException or OcspException)
        {
            return true;
        }
    }
}
