using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MtlsSidecar.Authority.Storage;

/// <summary>A certificate's serial number (RFC 5280 §4.1.2.2), compared by value whatever its leading zeros.</summary>
internal readonly record struct SerialNumber
{
    /// <summary>Octets of the numbers that we give: 127 random bits, nothing that a forger of colliding certificates could foresee.</summary>
    private const int RandomLength = 16;

    /// <summary>RFC 5280 §4.1.2.2: twenty octets at most.</summary>
    private const int MaxLength = 20;

    private readonly string? _text;

    private SerialNumber(string text) => _text = text;

    /// <summary>The number's content octets, big-endian two's complement, positive.</summary>
    public byte[] Octets
    {
        get
        {
            var octets = Convert.FromHexString(_text ?? "00");
            return octets[0] < 0x80 ? octets : [0, .. octets];
        }
    }

    /// <summary>Makes a new random number of constant length: positive, its first octet never zero.</summary>
    public static SerialNumber Create()
    {
        Span<byte> octets = stackalloc byte[RandomLength];
        do
        {
            RandomNumberGenerator.Fill(octets);
            octets[0] &= 0x7f;
        }
        while (octets[0] == 0);

        return new SerialNumber(Convert.ToHexString(octets));
    }

    /// <summary>Takes a number's content octets as encoded.</summary>
    public static SerialNumber FromOctets(ReadOnlySpan<byte> octets)
    {
        var significant = octets.TrimStart((byte)0);
        return new SerialNumber(significant.IsEmpty ? "00" : Convert.ToHexString(significant));
    }

    /// <summary>Reads a number as people write it: hexadecimal, with or without colons.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SerialNumber? serial)
    {
        serial = null;
        var digits = text.Replace(":", "", StringComparison.Ordinal);
        digits = digits.Length % 2 == 0 ? digits : "0" + digits;
        if (digits.Length is 0 or > MaxLength * 2 || !digits.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        serial = FromOctets(Convert.FromHexString(digits));
        return true;
    }

    /// <summary>Upper-case hexadecimal, as OpenSSL prints it.</summary>
    public override string ToString() => _text ?? "00";
}
