namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Hears what happens to CRLs, for logs and metrics. Called on the thread that loads; must not throw.</summary>
public interface ICrlObserver
{
    /// <summary>A CRL not seen before is in memory.</summary>
    void Loaded(CrlStatus crl);

    /// <summary>A file or answer was refused; what was in force before stays.</summary>
    /// <param name="source">The file or URL.</param>
    /// <param name="reason">What is wrong with it.</param>
    void Refused(string source, string reason);

    /// <summary>A CRL in memory turned out to be no good, whoever connects: signed by nobody known, or stale.</summary>
    /// <param name="source">The file or URL.</param>
    /// <param name="reason">What is wrong with it.</param>
    void Unusable(string source, string reason)
    {
    }

    /// <summary>A URL answered.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="isNew">Whether it sent content; otherwise nothing had changed since the last time.</param>
    void Fetched(string url, bool isNew)
    {
    }

    /// <summary>A URL gave no content; what it gave before stays in force. Content that is bad is <see cref="Refused"/> instead.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="reason">Why.</param>
    /// <param name="retryIn">When it is asked again.</param>
    void FetchFailed(string url, string reason, TimeSpan retryIn)
    {
    }

    /// <summary>The cache directory can't be written, or holds something unusable, which is ignored.</summary>
    /// <param name="source">The URL whose copy it is, or the file.</param>
    /// <param name="reason">What is wrong.</param>
    void CacheFailed(string source, string reason)
    {
    }
}
