namespace MtlsSidecar.Trust.Identity;

/// <summary>The private key can't be read, or is not the certificate's: tells the key's file from the certificate's when both are given.</summary>
public sealed class PrivateKeyException : TrustMaterialException
{
    /// <summary>Creates the exception.</summary>
    public PrivateKeyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
