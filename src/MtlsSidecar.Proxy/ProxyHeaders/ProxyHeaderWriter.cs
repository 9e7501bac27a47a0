using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using static MtlsSidecar.Proxy.ProxyHeaders.ProxyHeaderFormat;

namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>Writes the PROXY header that tells the local application who is calling.</summary>
internal static class ProxyHeaderWriter
{
    /// <summary>Writes a header.</summary>
    /// <param name="source">The peer's address.</param>
    /// <param name="destination">The address that it connected to.</param>
    /// <param name="facts">What is known of it from TLS; null: addresses only.</param>
    public static byte[] Write(IPEndPoint source, IPEndPoint destination, PeerFacts? facts)
    {
        var body = new ArrayBufferWriter<byte>();
        var family = WriteAddresses(body, source, destination);
        if (facts is not null)
        {
            WriteFacts(body, facts);
        }

        var header = new byte[PrefixLength + body.WrittenCount];
        Signature.CopyTo(header);
        header[12] = Version2Proxy;
        header[13] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), checked((ushort)body.WrittenCount));
        body.WrittenSpan.CopyTo(header.AsSpan(PrefixLength));
        return header;
    }

    private static byte WriteAddresses(ArrayBufferWriter<byte> body, IPEndPoint source, IPEndPoint destination)
    {
        var (from, to) = (Plain(source.Address), Plain(destination.Address));
        var isIPv4 = from.AddressFamily == AddressFamily.InterNetwork && to.AddressFamily == AddressFamily.InterNetwork;
        body.Write((isIPv4 ? from : from.MapToIPv6()).GetAddressBytes());
        body.Write((isIPv4 ? to : to.MapToIPv6()).GetAddressBytes());
        WriteUInt16(body, source.Port);
        WriteUInt16(body, destination.Port);
        return isIPv4 ? TcpOverIPv4 : TcpOverIPv6;
    }

    private static void WriteFacts(ArrayBufferWriter<byte> body, PeerFacts facts)
    {
        WriteText(body, TypeAlpn, facts.Alpn.Span);
        WriteText(body, TypeAuthority, Encoding.ASCII.GetBytes(facts.ServerName));
        WriteText(body, TypeSpiffeId, Encoding.ASCII.GetBytes(facts.SpiffeId ?? ""));

        var tls = new ArrayBufferWriter<byte>();
        tls.Write<byte>([ClientOverTlsWithCertificate]);

        // Zero: the certificate was verified. A peer whose certificate wasn't never gets here.
        tls.Write<byte>([0, 0, 0, 0]);
        WriteText(tls, SubtypeSslVersion, Encoding.ASCII.GetBytes(facts.Protocol));
        WriteText(tls, SubtypeSslCommonName, Encoding.UTF8.GetBytes(facts.CommonName ?? ""));
        if (facts.Certificate.Length is > 0 and <= MaxCertificateLength)
        {
            WriteField(tls, SubtypeSslClientCertificate, facts.Certificate.Span);
        }

        // Whatever had to be left out, that the peer came over TLS and was verified is always said: a receiver may decide by it.
        WriteField(body, TypeSsl, tls.WrittenSpan);
    }

    /// <summary>A text that is empty says nothing, and one that long comes from a peer that plays with the header's 64 KiB: both are left out.</summary>
    private static void WriteText(ArrayBufferWriter<byte> body, byte type, ReadOnlySpan<byte> value)
    {
        if (value.Length is > 0 and <= MaxTextLength)
        {
            WriteField(body, type, value);
        }
    }

    private static void WriteField(ArrayBufferWriter<byte> body, byte type, ReadOnlySpan<byte> value)
    {
        body.Write<byte>([type]);
        WriteUInt16(body, value.Length);
        body.Write(value);
    }

    private static void WriteUInt16(ArrayBufferWriter<byte> body, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(body.GetSpan(sizeof(ushort)), (ushort)value);
        body.Advance(sizeof(ushort));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
