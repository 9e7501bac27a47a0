using System.Security.Cryptography;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>A body of any length whose every byte depends on its position, so that lost, doubled and swapped pieces show in the hash.</summary>
public static class BodyPattern
{
    public static void Fill(Span<byte> block, long position)
    {
        for (var i = 0; i < block.Length; i++)
        {
            block[i] = (byte)((position + i) * 2654435761 >> 13);
        }
    }

    /// <summary>The SHA-256 of the first bytes, lower-case hexadecimal.</summary>
    public static string Sha256(long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[64 * 1024];
        for (var done = 0L; done < length; done += block.Length)
        {
            Fill(block, done);
            hash.AppendData(block, 0, (int)Math.Min(block.Length, length - done));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
