using System.Security.Cryptography;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>
/// What an enrolled workload keeps over a restart, in a directory of its own: key and certificate in one file, so that they are replaced
/// together or not at all, and the key of a request that has not been answered yet. Mode 0600, written beside and moved over: whenever the
/// process is killed, what is there is a pair that fits, or none.
/// </summary>
public sealed class EstState(string directory)
{
    private const int MaxLength = 256 * 1024;
    private readonly string _identityFile = Path.Combine(directory, "identity.pem");
    private readonly string _pendingKeyFile = Path.Combine(directory, "pending.key");

    /// <summary>The file with key and certificate.</summary>
    public string IdentityFile => _identityFile;

    /// <summary>Makes the directory if it isn't there, accessible to nobody else, and proves that it can be written to.</summary>
    /// <exception cref="TrustMaterialException">It can't.</exception>
    public void Prepare()
    {
        try
        {
            PrivateFile.CreateDirectory(directory);
            PrivateFile.Write(Path.Combine(directory, "probe"), "");
            File.Delete(Path.Combine(directory, "probe"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TrustMaterialException($"{directory} can't be written to: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the identity of an earlier run; null when there is none.</summary>
    /// <exception cref="TrustMaterialException">There is one, but it can't be read.</exception>
    public X509Svid? Load()
    {
        if (!File.Exists(_identityFile))
        {
            return null;
        }

        var pem = TrustFile.ReadText(_identityFile);
        try
        {
            return X509Svid.FromPem(pem, pem);
        }
        catch (TrustMaterialException exception)
        {
            throw new TrustMaterialException($"{_identityFile}: {exception.Message}", exception);
        }
    }

    /// <summary>Keeps an identity; from here on a restart begins with it. The pending key is done with.</summary>
    /// <exception cref="IOException">It could not be written: the one before is still there.</exception>
    internal void Save(string keyPem, string certificatePem)
    {
        PrivateFile.Write(_identityFile, keyPem + "\n" + certificatePem);
        File.Delete(_pendingKeyFile);
    }

    /// <summary>
    /// The key for the next request: that of the last one, if it was never answered. An authority gives the same certificate for the same
    /// token and key, so an answer that was lost on the way, or in a crash, doesn't cost the token.
    /// </summary>
    /// <param name="current">The identity now in force, whose key must not be certified again.</param>
    /// <exception cref="IOException">It could not be kept: then nothing is asked for either.</exception>
    internal ECDsa OpenPendingKey(X509Svid? current)
    {
        if (TryReadPendingKey() is { } pending)
        {
            if (current is null || !current.Certificate.SubjectPublicKeyInfo.Span.SequenceEqual(pending.ExportSubjectPublicKeyInfo()))
            {
                return pending;
            }

            // The process was killed between the two steps of Save.
            pending.Dispose();
        }

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            PrivateFile.Write(_pendingKeyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>What can't be read is no key: a new one takes its place.</summary>
    private ECDsa? TryReadPendingKey()
    {
        if (new FileInfo(_pendingKeyFile) is not { Exists: true, Length: < MaxLength })
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(_pendingKeyFile));
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return key;
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            // Not ours, or damaged.
        }

        key.Dispose();
        return null;
    }
}
