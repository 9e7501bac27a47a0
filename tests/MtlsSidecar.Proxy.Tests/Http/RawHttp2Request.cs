using System.Text;

namespace MtlsSidecar.Proxy.Tests.Http;

/// <summary>One HTTP/2 request as bytes: preface, SETTINGS and HEADERS with literal fields, including such as no client library would send.</summary>
internal static class RawHttp2Request
{
    private const byte HeadersFrame = 1;
    private const byte SettingsFrame = 4;
    private const byte EndStreamAndHeaders = 0x5;

    public static byte[] Create(params (string Name, string Value)[] fields)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        using var request = new MemoryStream();
        request.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        WriteFrame(request, SettingsFrame, 0, 0, []);
        WriteFrame(request, HeadersFrame, EndStreamAndHeaders, 1, block.ToArray());
        return request.ToArray();
    }

    private static void WriteFrame(MemoryStream target, byte type, byte flags, byte stream, byte[] payload)
    {
        target.Write([(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream]);
        target.Write(payload);
    }

    private static void WriteText(MemoryStream target, string text)
    {
        text.Length.Should().BeLessThan(127, "longer ones need another length encoding");
        target.WriteByte((byte)text.Length);
        target.Write(Encoding.Latin1.GetBytes(text));
    }
}
