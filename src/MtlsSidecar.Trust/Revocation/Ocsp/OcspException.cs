namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>An OCSP response can't be used: it is not the DER that RFC 6960 demands, or breaks one of its rules. The message is for the operator.</summary>
internal sealed class OcspException : Exception
{
    public OcspException(string message)
        : base(message)
    {
    }

    public OcspException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
