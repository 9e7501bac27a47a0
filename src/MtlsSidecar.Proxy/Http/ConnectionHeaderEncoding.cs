using System.Text;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Reads a <c>Connection</c> request header so that the header names in it outlive Kestrel. Kestrel replaces the whole header by
/// <c>keep-alive</c>, <c>close</c> or <c>Upgrade</c> when exactly one of these is in it, and with it goes the knowledge of which other
/// headers are not to be forwarded (RFC 9110 §7.6.1). The only place where every line is seen before is its decoding: a line that
/// names other headers gets <c>close</c> and <c>keep-alive</c> at its end, which keeps Kestrel from replacing it. The price, paid by those
/// few requests, is that their connection closes after the answer.
/// </summary>
internal sealed class ConnectionHeaderEncoding : Encoding
{
    private const string Mark = ", close, keep-alive";

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count)
        => count + (NamesHeaders(bytes.AsSpan(index, count)) ? Mark.Length : 0);

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var line = bytes.AsSpan(byteIndex, byteCount);
        var length = Latin1.GetChars(line, chars.AsSpan(charIndex));
        if (NamesHeaders(line))
        {
            Mark.CopyTo(chars.AsSpan(charIndex + length));
            length += Mark.Length;
        }

        return length;
    }

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + Mark.Length;

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
        => Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => Latin1.GetMaxByteCount(charCount);

    /// <summary>Whether an option names a header that isn't dropped anyway; Java's client names <c>HTTP2-Settings</c> on each new connection.</summary>
    private static bool NamesHeaders(ReadOnlySpan<byte> line)
    {
        foreach (var range in line.Split((byte)','))
        {
            var option = line[range].Trim(" \t"u8);
            var isHandledAnyway = option.IsEmpty
                || Ascii.EqualsIgnoreCase(option, "keep-alive"u8)
                || Ascii.EqualsIgnoreCase(option, "close"u8)
                || Ascii.EqualsIgnoreCase(option, "upgrade"u8)
                || Ascii.EqualsIgnoreCase(option, "te"u8)
                || Ascii.EqualsIgnoreCase(option, "http2-settings"u8);
            if (!isHandledAnyway)
            {
                return true;
            }
        }

        return false;
    }
}
