namespace MtlsSidecar.Trust.Authorities;

/// <summary>The authority's server could not be asked, or its answer can't be used.</summary>
internal sealed class AuthorityCallException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AuthorityCallException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whether there was no answer in time, as opposed to none at all or a bad one.</summary>
    public bool IsTimeout { get; init; }

    /// <summary>Whether the server answered that the caller may not, as opposed to not now.</summary>
    public bool IsRefusal { get; init; }
}
