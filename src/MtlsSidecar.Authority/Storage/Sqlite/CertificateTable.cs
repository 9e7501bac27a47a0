using Microsoft.Data.Sqlite;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>Issued certificates, each with its revocation if it has one.</summary>
internal static class CertificateTable
{
    private const string Columns = """
        SELECT i.name, c.serial, c.kind, c.identity, c.dns_names, c.not_before, c.not_after, c.origin, c.certificate, r.revoked_at, r.reason
        FROM certificate c JOIN issuer i ON i.id = c.issuer_id
        LEFT JOIN revocation r ON r.issuer_id = c.issuer_id AND r.serial = c.serial AND r.is_released = 0
        """;

    public static void Insert(SqliteConnection connection, CertificateRecord certificate) => connection.Execute(
        """
        INSERT INTO certificate (issuer_id, serial, kind, identity, dns_names, not_before, not_after, origin, certificate)
        VALUES ((SELECT id FROM issuer WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """,
        certificate.Issuer,
        certificate.Serial.Octets,
        (int)certificate.Kind,
        certificate.Identity,
        string.Join('\n', certificate.DnsNames),
        certificate.NotBefore.ToUnixTimeSeconds(),
        certificate.NotAfter.ToUnixTimeSeconds(),
        certificate.Origin,
        certificate.Certificate);

    public static List<CertificateRecord> Find(SqliteConnection connection, SerialNumber serial)
        => connection.Rows(Read, Columns + " WHERE c.serial = ?1", serial.Octets);

    /// <summary>All certificates of a workload that end after a time.</summary>
    public static List<CertificateRecord> FindOfWorkload(SqliteConnection connection, string identity, DateTimeOffset after) => connection.Rows(
        Read,
        Columns + " WHERE c.identity = ?1 AND c.kind = ?2 AND c.not_after > ?3 ORDER BY c.id",
        identity,
        (int)CertificateKind.Workload,
        after.ToUnixTimeSeconds());

    public static SqliteCommand SelectAll(SqliteConnection connection) => connection.Command(Columns + " ORDER BY c.id DESC");

    public static CertificateRecord Read(SqliteDataReader row) => new()
    {
        Issuer = row.GetString(0),
        Serial = SerialNumber.FromOctets(row.GetBlob(1)),
        Kind = (CertificateKind)row.GetInt32(2),
        Identity = row.GetString(3),
        DnsNames = row.GetString(4).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        NotBefore = row.GetTime(5),
        NotAfter = row.GetTime(6),
        Origin = row.GetString(7),
        Certificate = row.GetBlob(8),
        Revocation = row.IsDBNull(9) ? null : new RevocationRecord(row.GetTime(9), (CrlReason)row.GetInt32(10)),
    };

    public static CertificateStatus ReadStatus(SqliteConnection connection, string issuer, SerialNumber serial)
        => connection.Rows(
            row => new CertificateStatus(true, row.IsDBNull(0) ? null : new RevocationRecord(row.GetTime(0), (CrlReason)row.GetInt32(1)))
            {
                NotAfter = row.GetTime(2),
            },
            """
            SELECT r.revoked_at, r.reason, c.not_after FROM certificate c
            LEFT JOIN revocation r ON r.issuer_id = c.issuer_id AND r.serial = c.serial AND r.is_released = 0
            WHERE c.serial = ?2 AND c.issuer_id = (SELECT id FROM issuer WHERE name = ?1)
            """,
            issuer,
            serial.Octets).FirstOrDefault();
}
