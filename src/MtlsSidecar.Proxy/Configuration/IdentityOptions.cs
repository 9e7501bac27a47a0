namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Identity</c>: who this workload is. The files are watched and rotate without a restart.</summary>
public sealed class IdentityOptions
{
    /// <summary>Where certificate and key come from. Default <see cref="IdentitySource.File"/>.</summary>
    public IdentitySource Source { get; init; }

    /// <summary>PEM file with the own certificate, then its intermediates. Required when <see cref="Source"/> is <c>File</c>.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM file with the PKCS#8 key, EC or RSA. Required when <see cref="Source"/> is <c>File</c>.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Enrolment, when <see cref="Source"/> is <c>Est</c>.</summary>
    public EstOptions Est { get; init; } = new();
}
