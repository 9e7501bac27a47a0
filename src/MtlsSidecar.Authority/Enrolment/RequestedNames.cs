using System.Formats.Asn1;
using MtlsSidecar.Authority.Issuing;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>The alternative names that a request asks for.</summary>
/// <param name="Uris">URIs.</param>
/// <param name="DnsNames">DNS names in lower case.</param>
/// <param name="HasOthers">Whether there are names of any other form, which we never certify.</param>
internal sealed record RequestedNames(IReadOnlyList<string> Uris, IReadOnlyList<string> DnsNames, bool HasOthers)
{
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>No names at all.</summary>
    public static RequestedNames None { get; } = new([], [], false);

    /// <summary>Reads <c>GeneralNames</c> and adds them to those that are known.</summary>
    /// <exception cref="AsnContentException">They are malformed.</exception>
    public static RequestedNames Read(ReadOnlyMemory<byte> value, RequestedNames before)
    {
        var document = new AsnReader(value, AsnEncodingRules.DER);
        var names = document.ReadSequence();
        document.ThrowIfNotEmpty();
        var (uris, dnsNames, hasOthers) = (before.Uris.ToList(), before.DnsNames.ToList(), before.HasOthers);
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag == UriTag)
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else if (tag == DnsTag)
            {
                dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag).ToLowerInvariant());
            }
            else
            {
                names.ReadEncodedValue();
                hasOthers = true;
            }
        }

        return new RequestedNames(uris, dnsNames, hasOthers);
    }

    /// <summary>Whether every name asked for is one that the subject has anyway.</summary>
    public bool AreWithin(WorkloadSubject subject)
        => !HasOthers && Uris.All(uri => uri == subject.Id.ToString()) && DnsNames.All(subject.DnsNames.Contains);
}
