using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;

namespace MtlsSidecar.Authority.Commands;

/// <summary>An authority with its parts put together, as commands and server use it.</summary>
internal sealed class OpenedAuthority : IDisposable
{
    private readonly AuditFile _auditFile;

    private OpenedAuthority(DataDirectory data, IAuthorityStore store, KeyRing keys, TimeProvider timeProvider)
    {
        (Data, Store, Keys, TimeProvider) = (data, store, keys, timeProvider);
        Issuers = new IssuerDirectory(store);
        Issuance = new Issuance(store, Issuers, keys, timeProvider);
        Factory = new AuthorityFactory(store, keys, timeProvider);
        Crls = new CrlPublisher(data, store, keys, timeProvider);
        _auditFile = new AuditFile(data);
        Audit = new AuditLog(_auditFile.Logger);
    }

    public DataDirectory Data { get; }

    public IAuthorityStore Store { get; }

    public KeyRing Keys { get; }

    public TimeProvider TimeProvider { get; }

    public IssuerDirectory Issuers { get; }

    public Issuance Issuance { get; }

    public AuthorityFactory Factory { get; }

    public CrlPublisher Crls { get; }

    public AuditLog Audit { get; }

    /// <summary>Writes to the audit trail of the data directory.</summary>
    public ILogger AuditLogger => _auditFile.Logger;

    /// <summary>Opens an authority that exists.</summary>
    /// <exception cref="AuthorityException">There is none, or it can't be used.</exception>
    public static OpenedAuthority Open(AuthorityLocation location) => Open(location, new DataDirectory(location.Data.FullName), isNew: false);

    /// <summary>Opens an authority in a directory that is being made.</summary>
    public static OpenedAuthority Create(AuthorityLocation location, DataDirectory data) => Open(location, data, isNew: true);

    /// <summary>Leaves an audit line about an authority's certificate that was just made.</summary>
    public void AuditIssuer(IssuerRecord issuer) => Audit.Issued(Store.FindCertificates(SerialNumber.FromOctets(issuer.Certificate.SerialNumber.Span))[0], "command");

    /// <inheritdoc/>
    public void Dispose()
    {
        Keys.Dispose();
        Store.Dispose();
        _auditFile.Dispose();
    }

    private static OpenedAuthority Open(AuthorityLocation location, DataDirectory data, bool isNew)
    {
        var passphrase = Passphrase.Read(location.PassphraseFile);
        var store = isNew ? data.CreateStore(TimeProvider.System) : data.OpenStore(TimeProvider.System);
        return new OpenedAuthority(data, store, new KeyRing(data, passphrase, location.RootKeyFile), TimeProvider.System);
    }
}
