using Microsoft.Data.Sqlite;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>
/// Revocations. Each change takes the next number of the generation as its sequence, which tells a CRL what is new since its base.
/// </summary>
internal static class RevocationTable
{
    private const string IssuerId = "(SELECT id FROM issuer WHERE name = ?1)";

    public static RevocationOutcome Revoke(SqliteConnection connection, CertificateRecord certificate, CrlReason reason, DateTimeOffset time)
    {
        var before = connection.Rows(
            row => (Reason: (CrlReason)row.GetInt32(0), IsReleased: row.GetBoolean(1)),
            $"SELECT reason, is_released FROM revocation WHERE issuer_id = {IssuerId} AND serial = ?2",
            certificate.Issuer,
            certificate.Serial.Octets).Select(found => found.IsReleased ? null : (CrlReason?)found.Reason).FirstOrDefault();
        switch (before, reason)
        {
            case (CrlReason.CertificateHold, CrlReason.RemoveFromCrl):
                Release(connection, certificate);
                return RevocationOutcome.Released;
            case (_, CrlReason.RemoveFromCrl):
                return RevocationOutcome.NotOnHold;
            case (null, _):
            case (CrlReason.CertificateHold, not CrlReason.CertificateHold):
                Put(connection, certificate, reason, time);
                return RevocationOutcome.Revoked;
            default:
                return RevocationOutcome.AlreadyRevoked;
        }
    }

    public static long Generation(SqliteConnection connection) => connection.Number("SELECT generation FROM state");

    /// <summary>Marks a change, and gives its number.</summary>
    public static long NextGeneration(SqliteConnection connection)
        => connection.Number("UPDATE state SET generation = generation + 1 RETURNING generation");

    public static long LastSequence(SqliteConnection connection, string issuer)
        => connection.Number($"SELECT coalesce(max(sequence), 0) FROM revocation WHERE issuer_id = {IssuerId}", issuer);

    /// <summary>
    /// What a full CRL lists, and its delta: all that changed since the base, a hold taken back as <c>removeFromCRL</c> (RFC 5280 §5.2.4).
    /// One pass in the order of the table for both. A change since the plan was made is taken in too: it has given its row a later sequence,
    /// and a row left out for that would be one that the CRL before listed, such as a hold that became final in between. To the plan's
    /// sequence it is unknown, so that the next CRL and the next deltas have it once more, which does no harm.
    /// </summary>
    public static SqliteCommand SelectListed(SqliteConnection connection, CrlPlan plan) => connection.Command(
        $"""
        SELECT serial, revoked_at, CASE is_released WHEN 1 THEN {(int)CrlReason.RemoveFromCrl} ELSE reason END, sequence > ?2
        FROM revocation WHERE issuer_id = {IssuerId} AND not_after >= ?3 AND (is_released = 0 OR sequence > ?2) ORDER BY serial
        """,
        plan.Next.Issuer,
        plan.Base.Sequence,
        plan.ListedUntil.ToUnixTimeSeconds());

    public static CrlEntry Read(SqliteDataReader row) => new(row.GetBlob(0), row.GetTime(1), (CrlReason)row.GetInt32(2)) { IsInDelta = row.GetBoolean(3) };

    private static void Put(SqliteConnection connection, CertificateRecord certificate, CrlReason reason, DateTimeOffset time) => connection.Execute(
        $"""
        INSERT INTO revocation (issuer_id, serial, revoked_at, reason, not_after, is_released, sequence) VALUES ({IssuerId}, ?2, ?3, ?4, ?5, 0, ?6)
        ON CONFLICT DO UPDATE SET reason = excluded.reason, sequence = excluded.sequence, is_released = 0,
            revoked_at = CASE is_released WHEN 1 THEN excluded.revoked_at ELSE revoked_at END
        """,
        certificate.Issuer,
        certificate.Serial.Octets,
        time.ToUnixTimeSeconds(),
        (int)reason,
        certificate.NotAfter.ToUnixTimeSeconds(),
        NextGeneration(connection));

    private static void Release(SqliteConnection connection, CertificateRecord certificate) => connection.Execute(
        $"UPDATE revocation SET is_released = 1, sequence = ?3 WHERE issuer_id = {IssuerId} AND serial = ?2",
        certificate.Issuer,
        certificate.Serial.Octets,
        NextGeneration(connection));
}
