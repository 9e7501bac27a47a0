namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>A URL was not asked, or gave no usable answer. The message is for the operator.</summary>
internal sealed class FetchException : Exception
{
    public FetchException(string message)
        : base(message)
    {
    }

    public FetchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
