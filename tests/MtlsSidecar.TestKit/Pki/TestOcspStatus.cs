namespace MtlsSidecar.TestKit.Pki;

/// <summary>What a forged response says of a certificate.</summary>
public enum TestOcspStatus
{
    Good,
    Revoked,
    Unknown,
}
