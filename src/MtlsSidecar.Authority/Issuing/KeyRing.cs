using System.Collections.Concurrent;
using System.Security.Cryptography;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>
/// The issuers whose keys are at hand, each opened once. A missing key is no error as long as nobody wants it to sign: the root's belongs
/// in a safe.
/// </summary>
internal sealed class KeyRing(DataDirectory data, Passphrase? passphrase, FileInfo? rootKey = null) : IDisposable
{
    private readonly ConcurrentDictionary<string, SigningAuthority> _open = new();

    /// <summary>Gives an issuer with its key; null when the key is not here.</summary>
    /// <exception cref="AuthorityException">There is a key, but it can't be used.</exception>
    public SigningAuthority? TryOpen(IssuerRecord issuer)
    {
        if (_open.TryGetValue(issuer.Name, out var open))
        {
            return open;
        }

        var path = issuer.IsRoot && rootKey is not null ? rootKey.FullName : data.KeyFile(issuer.Name);
        return File.Exists(path) || rootKey is not null && issuer.IsRoot
            ? _open.GetOrAdd(issuer.Name, _ => new SigningAuthority(issuer.Name, issuer.Certificate, KeyFile.Read(path, passphrase)))
            : null;
    }

    /// <summary>Gives an issuer with its key.</summary>
    /// <exception cref="AuthorityException">The key is not here, or can't be used.</exception>
    public SigningAuthority Open(IssuerRecord issuer) => TryOpen(issuer) ?? throw new AuthorityException(issuer.IsRoot
        ? "this needs the root's key, which is not in the data directory: name its file with --root-key"
        : $"the key of {issuer.Name} is missing: {data.KeyFile(issuer.Name)}");

    /// <summary>Makes the key of a new issuer.</summary>
    /// <param name="name">The issuer.</param>
    /// <param name="isRoot">Whether it is the root, whose key has a place of its own.</param>
    /// <exception cref="AuthorityException">There is one already.</exception>
    public ECDsa Create(string name, bool isRoot)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyFile.WriteNew(isRoot && rootKey is not null ? rootKey.FullName : data.KeyFile(name), key, passphrase);
        return key;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var authority in _open.Values)
        {
            authority.Dispose();
        }
    }
}
