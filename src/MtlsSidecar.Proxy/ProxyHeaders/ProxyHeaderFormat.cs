namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>
/// The PROXY protocol, version 2: a binary header before the first byte of a connection that says whose connection it really is. Source:
/// "The PROXY protocol, versions 1 &amp; 2", §2.2, in HAProxy's documentation. Version 1, which is text, is neither written nor read.
/// </summary>
internal static class ProxyHeaderFormat
{
    /// <summary>Signature, version and command, family, length.</summary>
    public const int PrefixLength = 16;

    /// <summary>More than any sender needs that names a peer and its certificate; a longer header is refused unread.</summary>
    public const int MaxBodyLength = 8 * 1024;

    /// <summary>The longest certificate that is written, so that a header with it and all texts keeps below its 64 KiB.</summary>
    public const int MaxCertificateLength = 32 * 1024;

    /// <summary>The longest name or other text that is written; a SPIFFE ID has at most 2048 bytes (SPIFFE-ID §2.3).</summary>
    public const int MaxTextLength = 4 * 1024;

    public const byte Version2Local = 0x20;
    public const byte Version2Proxy = 0x21;

    public const byte Unspecified = 0x00;
    public const byte TcpOverIPv4 = 0x11;
    public const byte TcpOverIPv6 = 0x21;
    public const byte UnixStream = 0x31;
    public const int IPv4AddressesLength = 12;
    public const int IPv6AddressesLength = 36;
    public const int UnixAddressesLength = 216;

    public const byte TypeAlpn = 0x01;
    public const byte TypeAuthority = 0x02;
    public const byte TypeCrc32C = 0x03;
    public const byte TypeSsl = 0x20;
    public const byte SubtypeSslVersion = 0x21;
    public const byte SubtypeSslCommonName = 0x22;
    public const byte SubtypeSslClientCertificate = 0x28;

    /// <summary>Ours, out of the range 0xE0 to 0xEF that is left to applications: the peer's SPIFFE ID, ASCII.</summary>
    public const byte TypeSpiffeId = 0xE0;

    /// <summary>The peer came over TLS and presented a certificate on this connection and in this session.</summary>
    public const byte ClientOverTlsWithCertificate = 0x01 | 0x02 | 0x04;

    /// <summary>What no protocol that a client might speak begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];
}
