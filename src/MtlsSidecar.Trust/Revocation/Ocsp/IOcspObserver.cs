namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Hears what comes of OCSP requests, for logs and metrics. Called on the thread that asked; must not throw.</summary>
public interface IOcspObserver
{
    /// <summary>A responder gave a usable answer.</summary>
    /// <param name="url">The responder.</param>
    /// <param name="status">What it says; unknown when it doesn't know the certificate.</param>
    void Answered(string url, RevocationStatus status);

    /// <summary>A responder gave no usable answer. What it said before counts until its end.</summary>
    /// <param name="url">The responder.</param>
    /// <param name="serialNumber">The certificate asked for.</param>
    /// <param name="reason">Why there is none.</param>
    void Failed(string url, string serialNumber, string reason);

    /// <summary>The status of a certificate is no longer what was relied upon, or it turned out to be revoked.</summary>
    /// <param name="url">The responder.</param>
    /// <param name="serialNumber">The certificate.</param>
    /// <param name="detail">What the responder says.</param>
    void Changed(string url, string serialNumber, string detail);
}
