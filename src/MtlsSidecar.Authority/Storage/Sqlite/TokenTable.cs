using Microsoft.Data.Sqlite;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>Enrolment tokens by their hashes, and what they were used for.</summary>
internal static class TokenTable
{
    private const string Columns = "SELECT hash, identity, dns_names, expires_at, uses_left FROM token";

    /// <summary>How long the same token with the same key is given the same certificate again.</summary>
    private static readonly TimeSpan RepeatWindow = TimeSpan.FromMinutes(10);

    /// <summary>How long after their end tokens are kept, so that the audit line can say "expired" and not "unknown".</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    public static void Insert(SqliteConnection connection, TokenGrant token, DateTimeOffset time)
    {
        var forgotten = (time - Retention).ToUnixTimeSeconds();
        connection.Execute("DELETE FROM token_use WHERE token IN (SELECT hash FROM token WHERE expires_at < ?1)", forgotten);
        connection.Execute("DELETE FROM token WHERE expires_at < ?1", forgotten);
        connection.Execute(
            "INSERT INTO token (hash, identity, dns_names, expires_at, uses_left) VALUES (?1, ?2, ?3, ?4, ?5)",
            token.Hash,
            token.Identity,
            string.Join('\n', token.DnsNames),
            token.ExpiresAt.ToUnixTimeSeconds(),
            token.Uses);
    }

    public static List<TokenGrant> ReadAll(SqliteConnection connection) => connection.Rows(Read, Columns + " ORDER BY expires_at, hash");

    public static bool Delete(SqliteConnection connection, byte[] hash)
    {
        connection.Execute("DELETE FROM token_use WHERE token = ?1", hash);
        return connection.Execute("DELETE FROM token WHERE hash = ?1", hash) > 0;
    }

    public static int DeleteAll(SqliteConnection connection, string identity)
    {
        connection.Execute("DELETE FROM token_use WHERE token IN (SELECT hash FROM token WHERE identity = ?1)", identity);
        return connection.Execute("DELETE FROM token WHERE identity = ?1", identity);
    }

    /// <summary>Redeems a token for a key: checks, counts the use and records the certificate, all in the caller's transaction.</summary>
    public static TokenRedemption Redeem(
        SqliteConnection connection, (byte[] TokenHash, byte[] KeyHash) use, Func<TokenGrant, CertificateRecord> sign, DateTimeOffset time)
    {
        if (connection.Rows(Read, Columns + " WHERE hash = ?1", use.TokenHash) is not [var token])
        {
            return new TokenRedemption(TokenOutcome.Unknown);
        }

        // Before the other checks: the first answer was given when the token was still good.
        if (FindUse(connection, use, time) is { } before)
        {
            return new TokenRedemption(TokenOutcome.Repeated, before);
        }

        if (token.ExpiresAt <= time)
        {
            return new TokenRedemption(TokenOutcome.Expired);
        }

        if (token.Uses <= 0)
        {
            return new TokenRedemption(TokenOutcome.UsedUp);
        }

        var certificate = sign(token);
        CertificateTable.Insert(connection, certificate);
        connection.Execute("UPDATE token SET uses_left = uses_left - 1 WHERE hash = ?1", use.TokenHash);
        connection.Execute(
            """
            INSERT INTO token_use (token, key, serial, used_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET serial = excluded.serial, used_at = excluded.used_at
            """,
            use.TokenHash,
            use.KeyHash,
            certificate.Serial.Octets,
            time.ToUnixTimeSeconds());
        return new TokenRedemption(TokenOutcome.Issued, certificate);
    }

    private static CertificateRecord? FindUse(SqliteConnection connection, (byte[] TokenHash, byte[] KeyHash) use, DateTimeOffset time)
        => connection.Rows(
            row => row.GetBlob(0),
            "SELECT serial FROM token_use WHERE token = ?1 AND key = ?2 AND used_at > ?3",
            use.TokenHash,
            use.KeyHash,
            (time - RepeatWindow).ToUnixTimeSeconds()) is [var serial]
            ? CertificateTable.Find(connection, SerialNumber.FromOctets(serial)).FirstOrDefault()
            : null;

    private static TokenGrant Read(SqliteDataReader row) => new(
        row.GetBlob(0),
        row.GetString(1),
        row.GetString(2).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        row.GetTime(3),
        row.GetInt32(4));
}
