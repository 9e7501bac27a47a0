namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A CRL can't be used: it is not the DER that RFC 5280 §5 demands, or says something critical that is not understood.</summary>
internal sealed class CrlFormatException : Exception
{
    public CrlFormatException(string message)
        : base(message)
    {
    }

    public CrlFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
