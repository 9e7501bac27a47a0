using System.IO.Compression;

namespace MtlsSidecar.TestKit.Networking;

/// <summary>What a server sends that packs its answers unasked.</summary>
public static class Gzip
{
    public static byte[] Pack(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
