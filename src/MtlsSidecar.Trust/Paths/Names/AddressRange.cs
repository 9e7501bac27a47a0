namespace MtlsSidecar.Trust.Paths.Names;

/// <summary>An address with its mask, as name constraints write a range of addresses (RFC 5280 §4.2.1.10).</summary>
internal static class AddressRange
{
    public const int V4Length = 4;
    public const int V6Length = 16;

    /// <summary>Whether the range is an address and a mask of leading ones (RFC 4632 §3.1).</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> range)
    {
        if (range.Length is not (2 * V4Length or 2 * V6Length))
        {
            return false;
        }

        var zeroSeen = false;
        foreach (var octet in range[(range.Length / 2)..])
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var isOne = ((octet >> bit) & 1) == 1;
                if (isOne && zeroSeen)
                {
                    return false;
                }

                zeroSeen |= !isOne;
            }
        }

        return true;
    }

    /// <summary>Whether an address of the same family lies in the range; one of the other family never does.</summary>
    public static bool Contains(ReadOnlySpan<byte> range, ReadOnlySpan<byte> address)
    {
        if (range.Length != 2 * address.Length)
        {
            return false;
        }

        var mask = range[address.Length..];
        for (var i = 0; i < address.Length; i++)
        {
            if (((range[i] ^ address[i]) & mask[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
