namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>The forms of a <see cref="GeneralName"/>; the values are the tags of RFC 5280 §4.2.1.6.</summary>
public enum GeneralNameKind
{
    /// <summary>A form named by an object identifier.</summary>
    OtherName = 0,

    /// <summary>A mailbox.</summary>
    Rfc822Name = 1,

    /// <summary>A DNS name.</summary>
    DnsName = 2,

    /// <summary>An X.400 address.</summary>
    X400Address = 3,

    /// <summary>A distinguished name.</summary>
    DirectoryName = 4,

    /// <summary>An EDI party.</summary>
    EdiPartyName = 5,

    /// <summary>A URI.</summary>
    Uri = 6,

    /// <summary>An IP address, or an address with its mask in a name constraint.</summary>
    IpAddress = 7,

    /// <summary>An object identifier.</summary>
    RegisteredId = 8,
}
