using Microsoft.Extensions.Primitives;

namespace MtlsSidecar.Proxy.Inbound.Headers;

/// <summary>
/// Checks an <c>X-Forwarded-Client-Cert</c> header that another proxy sent, before our element is appended to it. An unclosed quote in it
/// would swallow ours, so anything but the strict grammar counts as malformed: known keys, values in quotes or free of <c>, ; = " \</c>.
/// </summary>
internal ref struct ForwardedClientCertReader
{
    private const int MaxLength = 16 * 1024;
    private const int MaxElements = 32;
    private ReadOnlySpan<char> _rest;

    private ForwardedClientCertReader(ReadOnlySpan<char> text) => _rest = text;

    /// <summary>Reads the header's lines as one value.</summary>
    /// <param name="lines">The lines as received.</param>
    /// <param name="value">The value; empty when there is none or it is malformed, too long or of more than 32 elements.</param>
    public static bool TryRead(StringValues lines, out string value)
    {
        value = lines.ToString();
        if (value.Length is > 0 and <= MaxLength && new ForwardedClientCertReader(value).ReadElements())
        {
            return true;
        }

        value = "";
        return false;
    }

    private bool ReadElements()
    {
        for (var elements = 1; elements <= MaxElements; elements++)
        {
            SkipSpaces();
            if (!ReadElement())
            {
                return false;
            }

            SkipSpaces();
            if (_rest.IsEmpty)
            {
                return true;
            }

            if (!TryTake(','))
            {
                return false;
            }
        }

        return false;
    }

    private bool ReadElement()
    {
        do
        {
            if (!ReadPair())
            {
                return false;
            }
        }
        while (TryTake(';'));

        return true;
    }

    private bool ReadPair()
    {
        var separator = _rest.IndexOf('=');
        if (separator < 0 || !IsKey(_rest[..separator]))
        {
            return false;
        }

        _rest = _rest[(separator + 1)..];
        return TryTake('"') ? ReadQuotedRest() : ReadPlainValue();
    }

    private bool ReadQuotedRest()
    {
        for (var i = 0; i < _rest.Length; i++)
        {
            switch (_rest[i])
            {
                case '"':
                    _rest = _rest[(i + 1)..];
                    return true;
                case '\\':
                    i++;
                    if (i == _rest.Length || !IsPrintable(_rest[i]))
                    {
                        return false;
                    }

                    break;
                case var character when !IsPrintable(character):
                    return false;
            }
        }

        return false;
    }

    private bool ReadPlainValue()
    {
        var length = _rest.IndexOfAny([',', ';']);
        var plain = length < 0 ? _rest : _rest[..length];
        _rest = _rest[plain.Length..];
        foreach (var character in plain)
        {
            if (!IsPrintable(character) || character is ' ' or '=' or '"' or '\\')
            {
                return false;
            }
        }

        return true;
    }

    private void SkipSpaces() => _rest = _rest.TrimStart(' ');

    private bool TryTake(char character)
    {
        if (_rest.IsEmpty || _rest[0] != character)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    private static bool IsKey(ReadOnlySpan<char> key)
        => Is(key, "By") || Is(key, "Hash") || Is(key, "Cert") || Is(key, "Chain") || Is(key, "Subject") || Is(key, "URI") || Is(key, "DNS");

    private static bool Is(ReadOnlySpan<char> key, string name) => key.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsPrintable(char character) => character is >= ' ' and <= '~';
}
