using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>The issuers now in being; read again when any process has changed anything.</summary>
internal sealed class IssuerDirectory(IAuthorityStore store)
{
    private volatile IssuerSet? _current;

    /// <summary>All issuers as of now.</summary>
    public IssuerSet Current
    {
        get
        {
            var generation = store.Generation;
            var current = _current;
            if (current is null || current.Generation != generation)
            {
                _current = current = Read(generation);
            }

            return current;
        }
    }

    private IssuerSet Read(long generation)
    {
        var issuers = store.ReadIssuers();
        var root = issuers.FirstOrDefault(issuer => issuer.IsRoot) ?? throw new AuthorityException("the database has no root: it was not made by mtls-authority init");
        var revoked = issuers.Where(issuer => !issuer.IsRoot
            && store.ReadStatus(root.Name, SerialNumber.FromOctets(issuer.Certificate.SerialNumber.Span)).Revocation is not null);
        return new IssuerSet(generation, store.ReadSettings(), root, [.. issuers.Where(issuer => !issuer.IsRoot)], revoked.Select(issuer => issuer.Name).ToHashSet());
    }
}
