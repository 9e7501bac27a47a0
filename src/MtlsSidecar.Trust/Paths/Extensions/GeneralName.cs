using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>One name of a subject or of a name constraint (RFC 5280 §4.2.1.6).</summary>
public sealed class GeneralName
{
    private GeneralName(GeneralNameKind kind) => Kind = kind;

    /// <summary>The form.</summary>
    public GeneralNameKind Kind { get; }

    /// <summary>The text of a mailbox, DNS name or URI; empty for other forms. Its characters are ASCII, nothing more is promised.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The octets of an IP address (with mask in a constraint); empty for other forms.</summary>
    public ReadOnlyMemory<byte> Octets { get; private init; }

    /// <summary>The distinguished name of a directory name; null for other forms.</summary>
    public DistinguishedName? DirectoryName { get; private init; }

    /// <summary>A distinguished name as one of the forms, as constraints apply to subjects too.</summary>
    internal static GeneralName ForDirectory(DistinguishedName name) => new(GeneralNameKind.DirectoryName) { DirectoryName = name };

    /// <summary>A mailbox out of a subject's attribute.</summary>
    internal static GeneralName ForMailbox(string address) => new(GeneralNameKind.Rfc822Name) { Text = address };

    /// <summary>Reads the next name.</summary>
    /// <exception cref="AsnContentException">It is not a general name.</exception>
    internal static GeneralName Read(AsnReader reader)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > (int)GeneralNameKind.RegisteredId)
        {
            throw new AsnContentException("not a general name");
        }

        var kind = (GeneralNameKind)tag.TagValue;
        switch (kind)
        {
            case GeneralNameKind.Rfc822Name or GeneralNameKind.DnsName or GeneralNameKind.Uri:
                return new GeneralName(kind) { Text = reader.ReadCharacterString(UniversalTagNumber.IA5String, tag) };
            case GeneralNameKind.IpAddress:
                return new GeneralName(kind) { Octets = reader.ReadOctetString(tag) };
            case GeneralNameKind.DirectoryName:
                // A CHOICE can't be tagged implicitly: the name stands inside the tag.
                var outer = reader.ReadSequence(tag);
                var name = DistinguishedName.Read(outer.ReadEncodedValue());
                outer.ThrowIfNotEmpty();
                return new GeneralName(kind) { DirectoryName = name };
            default:
                reader.ReadEncodedValue();
                return new GeneralName(kind);
        }
    }

    /// <summary>Reads <c>GeneralNames</c>: at least one.</summary>
    internal static IReadOnlyList<GeneralName> ReadAll(ReadOnlyMemory<byte> value)
    {
        var sequence = DerValue.ReadNonEmptySequence(value);
        var names = new List<GeneralName>();
        while (sequence.HasData)
        {
            names.Add(Read(sequence));
        }

        return names;
    }

    /// <summary>The name for people.</summary>
    public override string ToString() => Kind switch
    {
        GeneralNameKind.Rfc822Name => "email:" + Text,
        GeneralNameKind.DnsName => "dns:" + Text,
        GeneralNameKind.Uri => "uri:" + Text,
        GeneralNameKind.IpAddress => "ip:" + (Octets.Length is 4 or 16 ? new System.Net.IPAddress(Octets.Span).ToString() : Convert.ToHexString(Octets.Span)),
        GeneralNameKind.DirectoryName => "directory name " + DirectoryName,
        _ => Kind.ToString(),
    };
}
