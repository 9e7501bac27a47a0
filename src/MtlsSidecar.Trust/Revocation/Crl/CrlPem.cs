using System.Buffers.Text;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Walks the CRLs of a PEM text (RFC 7468), decoding each in place: a large one must not be copied into strings.</summary>
internal ref struct CrlPem(Span<byte> text)
{
    /// <summary>How many CRLs one file may hold.</summary>
    public const int MaxLists = 1024;

    private Span<byte> _rest = text;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN X509 CRL-----"u8;

    private static ReadOnlySpan<byte> End => "-----END X509 CRL-----"u8;

    /// <summary>The current CRL, DER.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Goes to the next CRL; false at the end. Text between them, other PEM objects included, is skipped.</summary>
    /// <exception cref="CrlFormatException">A block is cut off or no base64: the rest of the file must not pass for the whole.</exception>
    public bool MoveNext()
    {
        var begin = _rest.IndexOf(Begin);
        if (begin < 0)
        {
            return false;
        }

        var body = _rest[(begin + Begin.Length)..];
        var end = body.IndexOf(End);
        if (end < 0)
        {
            throw new CrlFormatException("PEM block without an end");
        }

        _rest = body[(end + End.Length)..];
        body = body[..end];
        var status = Base64.DecodeFromUtf8InPlace(body, out var length);
        if (status != System.Buffers.OperationStatus.Done)
        {
            throw new CrlFormatException("PEM block is no base64");
        }

        Current = body[..length];
        return true;
    }
}
