using Microsoft.Data.Sqlite;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>The authority's state in a SQLite file.</summary>
internal sealed class SqliteStore(SqliteDatabase database) : IAuthorityStore
{
    /// <inheritdoc/>
    public long Generation => database.Read(RevocationTable.Generation);

    /// <inheritdoc/>
    public DateTimeOffset LatestTime => database.Read(SqliteDatabase.LatestTime);

    /// <inheritdoc/>
    public AuthoritySettings ReadSettings() => database.Read(SettingTable.Read);

    /// <inheritdoc/>
    public Task WriteSettingsAsync(AuthoritySettings settings) => WriteAsync((connection, _) =>
    {
        SettingTable.Write(connection, settings);
        RevocationTable.NextGeneration(connection);
    });

    /// <inheritdoc/>
    public IReadOnlyList<IssuerRecord> ReadIssuers() => database.Read(IssuerTable.ReadAll);

    /// <inheritdoc/>
    public Task AddIssuerAsync(IssuerRecord issuer, CertificateRecord certificate) => WriteAsync((connection, time) =>
    {
        database.ThrowIfClockMovedBack(time);
        IssuerTable.Insert(connection, issuer);
        CertificateTable.Insert(connection, certificate);
    });

    /// <inheritdoc/>
    public Task ActivateIssuerAsync(string issuer) => WriteAsync((connection, _) => IssuerTable.Activate(connection, issuer));

    /// <inheritdoc/>
    public Task AddCertificateAsync(CertificateRecord certificate) => WriteAsync((connection, time) =>
    {
        database.ThrowIfClockMovedBack(time);
        CertificateTable.Insert(connection, certificate);
    });

    /// <inheritdoc/>
    public Task<bool> AddRenewalAsync(CertificateRecord certificate, CertificateRecord old) => database.WriteAsync((connection, time) =>
    {
        database.ThrowIfClockMovedBack(time);
        if (CertificateTable.ReadStatus(connection, old.Issuer, old.Serial) is not { IsKnown: true, Revocation: null })
        {
            return false;
        }

        CertificateTable.Insert(connection, certificate);
        return true;
    });

    /// <inheritdoc/>
    public Task AddTokenAsync(TokenGrant token) => WriteAsync((connection, time) => TokenTable.Insert(connection, token, time));

    /// <inheritdoc/>
    public IReadOnlyList<TokenGrant> ReadTokens() => database.Read(TokenTable.ReadAll);

    /// <inheritdoc/>
    public Task<bool> CancelTokenAsync(byte[] tokenHash) => database.WriteAsync((connection, _) => TokenTable.Delete(connection, tokenHash));

    /// <inheritdoc/>
    public Task<int> CancelTokensAsync(string identity) => database.WriteAsync((connection, _) => TokenTable.DeleteAll(connection, identity));

    /// <inheritdoc/>
    public Task<TokenRedemption> RedeemTokenAsync(byte[] tokenHash, byte[] keyHash, Func<TokenGrant, CertificateRecord> sign)
        => database.WriteAsync((connection, time) =>
        {
            database.ThrowIfClockMovedBack(time);
            return TokenTable.Redeem(connection, (tokenHash, keyHash), sign, time);
        });

    /// <inheritdoc/>
    public IReadOnlyList<CertificateRecord> FindCertificates(SerialNumber serial) => database.Read(connection => CertificateTable.Find(connection, serial));

    /// <inheritdoc/>
    public IEnumerable<CertificateRecord> ReadCertificates() => database.Stream(CertificateTable.SelectAll, CertificateTable.Read);

    /// <inheritdoc/>
    public CertificateStatus ReadStatus(string issuer, SerialNumber serial)
        => database.Read(connection => CertificateTable.ReadStatus(connection, issuer, serial));

    /// <inheritdoc/>
    public Task<RevocationOutcome> RevokeAsync(CertificateRecord certificate, CrlReason reason)
        => database.WriteAsync((connection, time) => RevocationTable.Revoke(connection, certificate, reason, time));

    /// <inheritdoc/>
    public Task<IdentityRevocation> RevokeIdentityAsync(string identity, CrlReason reason, DateTimeOffset now) => database.WriteAsync((connection, time) =>
    {
        var revoked = CertificateTable.FindOfWorkload(connection, identity, now)
            .Select(certificate => (certificate, RevocationTable.Revoke(connection, certificate, reason, time)))
            .ToList();
        return new IdentityRevocation(revoked, reason == CrlReason.RemoveFromCrl ? 0 : TokenTable.DeleteAll(connection, identity));
    });

    /// <inheritdoc/>
    public CrlRecord? ReadPublishedCrl(string issuer) => database.Read(connection => CrlTable.LastPublished(connection, issuer));

    /// <inheritdoc/>
    public bool IsCrlComplete(string issuer) => database.Read(connection =>
        CrlTable.LastPublished(connection, issuer) is { } last && last.Sequence >= RevocationTable.LastSequence(connection, issuer));

    /// <inheritdoc/>
    public Task<CrlPlan> PlanCrlAsync(string issuer, bool isScheduled, TimeSpan validity)
        => database.WriteAsync((connection, time) => CrlTable.Plan(connection, new CrlPlanRequest(issuer, isScheduled, validity), time));

    /// <inheritdoc/>
    public IEnumerable<CrlEntry> ReadCrlEntries(CrlPlan plan)
        => database.Stream(connection => RevocationTable.SelectListed(connection, plan), RevocationTable.Read);

    /// <inheritdoc/>
    public Task MarkPublishedAsync(CrlRecord crl) => WriteAsync((connection, _) => CrlTable.MarkPublished(connection, crl));

    /// <inheritdoc/>
    public Task AcceptClockAsync() => database.AcceptClockAsync();

    /// <inheritdoc/>
    public string? FindDamage()
    {
        var found = database.Read(connection => connection.Text("PRAGMA quick_check(1)"));
        return found == "ok" ? null : found;
    }

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    private Task<bool> WriteAsync(Action<SqliteConnection, DateTimeOffset> write) => database.WriteAsync((connection, time) =>
    {
        write(connection, time);
        return true;
    });
}
