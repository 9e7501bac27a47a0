namespace MtlsSidecar.TestKit.Authorities;

/// <summary>A certificate as files.</summary>
public sealed record IssuedFiles(string CertificateFile, string KeyFile, string Serial);
