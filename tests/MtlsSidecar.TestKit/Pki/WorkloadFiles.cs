namespace MtlsSidecar.TestKit.Pki;

/// <summary>A workload's certificate and key, in memory and as the PEM files that a program reads.</summary>
public sealed record WorkloadFiles(string CertificateFile, string KeyFile, TestCertificate Certificate)
{
    public string Serial => Certificate.Certificate.SerialNumber;
}
