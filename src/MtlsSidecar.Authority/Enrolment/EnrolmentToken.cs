using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>
/// A first enrolment's credential: 256 random bits. Only its hash is stored. A plain hash serves where a password would need a slow one:
/// nobody guesses 256 bits.
/// </summary>
internal static class EnrolmentToken
{
    private const int Length = 32;

    /// <summary>Makes a token.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Under what a token is stored.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
