namespace MtlsSidecar.Authority.Storage;

/// <summary>The authority can't go on. The message says what is wrong and what the operator can do, without any key material.</summary>
internal sealed class AuthorityException : Exception
{
    public AuthorityException(string message)
        : base(message)
    {
    }

    public AuthorityException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
