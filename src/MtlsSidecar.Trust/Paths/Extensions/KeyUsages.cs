namespace MtlsSidecar.Trust.Paths.Extensions;

/// <summary>What a key may be used for (RFC 5280 §4.2.1.3); the values are the bits of the extension.</summary>
[Flags]
public enum KeyUsages
{
    /// <summary>No usage at all.</summary>
    None = 0,

    /// <summary>Signatures in protocols such as TLS.</summary>
    DigitalSignature = 1 << 0,

    /// <summary>Signatures that bind their signer.</summary>
    NonRepudiation = 1 << 1,

    /// <summary>Encryption of keys.</summary>
    KeyEncipherment = 1 << 2,

    /// <summary>Encryption of data.</summary>
    DataEncipherment = 1 << 3,

    /// <summary>Key agreement.</summary>
    KeyAgreement = 1 << 4,

    /// <summary>Signatures on certificates.</summary>
    KeyCertSign = 1 << 5,

    /// <summary>Signatures on CRLs.</summary>
    CrlSign = 1 << 6,

    /// <summary>Key agreement for encryption only.</summary>
    EncipherOnly = 1 << 7,

    /// <summary>Key agreement for decryption only.</summary>
    DecipherOnly = 1 << 8,
}
