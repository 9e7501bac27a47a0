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
}
