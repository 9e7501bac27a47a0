using Microsoft.Data.Sqlite;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>
/// The tables, as a list of steps that is only ever added to: a database of an earlier program is brought forward by the steps that it
/// lacks, one transaction for all of them; one of a later program is refused.
/// </summary>
internal static class SqliteSchema
{
    private static readonly string[] Steps = [Certificates, Tokens, Identities];

    private const string Certificates = """
        CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, latest_time INTEGER NOT NULL);
        INSERT INTO state VALUES (1, 0, 0);

        CREATE TABLE issuer (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, is_root INTEGER NOT NULL, is_active INTEGER NOT NULL, certificate BLOB NOT NULL);

        CREATE TABLE certificate (
            id INTEGER PRIMARY KEY, issuer_id INTEGER NOT NULL REFERENCES issuer, serial BLOB NOT NULL, kind INTEGER NOT NULL,
            identity TEXT NOT NULL, dns_names TEXT NOT NULL, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,
            origin TEXT NOT NULL, certificate BLOB NOT NULL, UNIQUE (serial, issuer_id));

        CREATE TABLE revocation (
            issuer_id INTEGER NOT NULL, serial BLOB NOT NULL, revoked_at INTEGER NOT NULL, reason INTEGER NOT NULL,
            not_after INTEGER NOT NULL, is_released INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (issuer_id, serial)) WITHOUT ROWID;
        CREATE INDEX revocation_by_sequence ON revocation (issuer_id, sequence);

        CREATE TABLE crl (
            issuer_id INTEGER NOT NULL REFERENCES issuer, number INTEGER NOT NULL, this_update INTEGER NOT NULL, next_update INTEGER NOT NULL,
            sequence INTEGER NOT NULL, is_base INTEGER NOT NULL, is_published INTEGER NOT NULL, PRIMARY KEY (issuer_id, number)) WITHOUT ROWID;
        """;

    private const string Tokens = """
        CREATE TABLE token (
            hash BLOB PRIMARY KEY, identity TEXT NOT NULL, dns_names TEXT NOT NULL, expires_at INTEGER NOT NULL, uses_left INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE token_use (
            token BLOB NOT NULL, key BLOB NOT NULL, serial BLOB NOT NULL, used_at INTEGER NOT NULL, PRIMARY KEY (token, key)) WITHOUT ROWID;
        """;

    /// <summary>To revoke all that a workload has must not read every certificate while nobody else can write.</summary>
    private const string Identities = "CREATE INDEX certificate_by_identity ON certificate (identity, not_after);";

    /// <summary>The version that this program writes.</summary>
    public static int Latest => Steps.Length;

    /// <summary>Brings the tables to the latest version.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="file">Its name for people.</param>
    /// <exception cref="AuthorityException">A later program wrote it.</exception>
    public static void Migrate(SqliteConnection connection, string file)
    {
        using var transaction = connection.BeginTransaction();
        var version = connection.Number("PRAGMA user_version");
        if (version > Latest)
        {
            throw new AuthorityException(
                $"{file} has schema version {version}, and this program knows up to {Latest}: it was written by a later mtls-authority. Use that one, or a backup from before.");
        }

        foreach (var step in Steps.Skip((int)version))
        {
            connection.Execute(step);
        }

        connection.Execute($"PRAGMA user_version = {Latest}");
        transaction.Commit();
    }
}
