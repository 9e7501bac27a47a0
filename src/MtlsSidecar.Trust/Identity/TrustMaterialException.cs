namespace MtlsSidecar.Trust.Identity;

/// <summary>A certificate, key or bundle that an operator gave can't be used. The message says what is wrong, without any key material.</summary>
public class TrustMaterialException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TrustMaterialException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public TrustMaterialException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
