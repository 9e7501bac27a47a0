using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Numerics;
using static MtlsSidecar.Proxy.ProxyHeaders.ProxyHeaderFormat;

namespace MtlsSidecar.Proxy.ProxyHeaders;

/// <summary>
/// Reads a PROXY header strictly: it comes from the network before anybody was authenticated. What is malformed is refused as a whole, never
/// guessed at.
/// </summary>
internal static class ProxyHeaderReader
{
    private const int FieldPrefixLength = 3;

    /// <summary>Reads the first <see cref="PrefixLength"/> bytes and says how many follow.</summary>
    public static bool TryReadPrefix(ReadOnlySpan<byte> prefix, out int bodyLength, [NotNullWhen(false)] out string? problem)
    {
        bodyLength = BinaryPrimitives.ReadUInt16BigEndian(prefix[14..]);
        problem = prefix switch
        {
            _ when !prefix.StartsWith(Signature) => "there is no PROXY protocol version 2 header",
            _ when prefix[12] is not (Version2Local or Version2Proxy) => $"version and command 0x{prefix[12]:X2} are unknown",
            _ when bodyLength > MaxBodyLength => $"the header is longer than {MaxBodyLength} bytes",
            _ => null,
        };
        return problem is null;
    }

    /// <summary>Reads a whole header, whose prefix was read before.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, [NotNullWhen(true)] out ProxyHeader? result, [NotNullWhen(false)] out string? problem)
    {
        result = null;
        var family = header[13];
        var body = header[PrefixLength..];
        var addresses = family switch
        {
            _ when header[12] == Version2Local => 0,
            Unspecified => 0,
            TcpOverIPv4 => IPv4AddressesLength,
            TcpOverIPv6 => IPv6AddressesLength,
            UnixStream => UnixAddressesLength,
            _ => -1,
        };
        if (addresses < 0 || body.Length < addresses)
        {
            problem = addresses < 0 ? $"address family 0x{family:X2} is not that of a TCP connection" : "the header is too short for its addresses";
            return false;
        }

        // With LOCAL everything that follows is to be passed over, whatever it is (§2.2).
        if (header[12] == Version2Proxy && FindProblem(header, PrefixLength + addresses) is { } found)
        {
            problem = found;
            return false;
        }

        (result, problem) = (new ProxyHeader(ReadSource(addresses, body)), null);
        return true;
    }

    private static IPEndPoint? ReadSource(int addresses, ReadOnlySpan<byte> body) => addresses switch
    {
        IPv4AddressesLength => new IPEndPoint(new IPAddress(body[..4]), BinaryPrimitives.ReadUInt16BigEndian(body[8..])),
        IPv6AddressesLength => new IPEndPoint(new IPAddress(body[..16]), BinaryPrimitives.ReadUInt16BigEndian(body[32..])),
        _ => null,
    };

    /// <summary>Walks the type-length-value fields to the end of the header and verifies the checksum if there is one.</summary>
    private static string? FindProblem(ReadOnlySpan<byte> header, int position)
    {
        while (position < header.Length)
        {
            var length = header.Length - position < FieldPrefixLength ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(header[(position + 1)..]);
            if (length > header.Length - position - FieldPrefixLength)
            {
                return "a field reaches beyond the header";
            }

            if (header[position] == TypeCrc32C && (length != sizeof(uint) || !IsIntact(header, position + FieldPrefixLength)))
            {
                return "the checksum is wrong";
            }

            position += FieldPrefixLength + length;
        }

        return null;
    }

    /// <summary>CRC-32C over the whole header, its own four bytes taken as zero.</summary>
    private static bool IsIntact(ReadOnlySpan<byte> header, int checksumAt)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < header.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i >= checksumAt && i < checksumAt + sizeof(uint) ? (byte)0 : header[i]);
        }

        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(header[checksumAt..]);
    }
}
