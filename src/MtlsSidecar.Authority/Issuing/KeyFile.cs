using System.Security.Cryptography;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>
/// Keys as PKCS#8 PEM, mode 0600, encrypted with PBES2 (PBKDF2-HMAC-SHA-256, AES-256) when there is a passphrase.
/// </summary>
internal static class KeyFile
{
    /// <summary>OWASP's figure for PBKDF2-HMAC-SHA-256; a quarter of a second once a start.</summary>
    private const int Iterations = 600_000;

    private const string EncryptedLabel = "ENCRYPTED PRIVATE KEY";

    /// <summary>Writes a key to a file that must not exist.</summary>
    /// <exception cref="AuthorityException">It exists, or can't be written.</exception>
    public static void WriteNew(string path, ECDsa key, Passphrase? passphrase)
    {
        var pem = passphrase is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase.Text, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Iterations));
        try
        {
            PrivateFile.WriteNew(path, pem + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException($"the key can't be written, and a key file is never overwritten: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="AuthorityException">It can't be read, or its passphrase is missing or wrong.</exception>
    public static ECDsa Read(string path, Passphrase? passphrase)
    {
        var key = ECDsa.Create();
        try
        {
            var pem = File.ReadAllText(path);
            if (!pem.Contains(EncryptedLabel, StringComparison.Ordinal))
            {
                key.ImportFromPem(pem);
                return key;
            }

            key.ImportFromEncryptedPem(pem, (passphrase ?? throw new AuthorityException($"{path} is encrypted: name the file of its passphrase with --passphrase-file")).Text);
            return key;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new AuthorityException($"{path} can't be read{(passphrase is null ? "" : ", or its passphrase is wrong")}: {exception.Message}", exception);
        }
    }
}
