using Microsoft.Data.Sqlite;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>Root and issuing authorities.</summary>
internal static class IssuerTable
{
    public static List<IssuerRecord> ReadAll(SqliteConnection connection)
        => connection.Rows(Read, "SELECT name, certificate, is_root, is_active FROM issuer ORDER BY id");

    public static void Insert(SqliteConnection connection, IssuerRecord issuer)
    {
        connection.Execute(
            "INSERT INTO issuer (name, is_root, is_active, certificate) VALUES (?1, ?2, 0, ?3)",
            issuer.Name,
            issuer.IsRoot,
            issuer.Certificate.RawData.ToArray());
        RevocationTable.NextGeneration(connection);
        if (issuer.IsActive)
        {
            Activate(connection, issuer.Name);
        }
    }

    public static void Activate(SqliteConnection connection, string issuer)
    {
        connection.Execute("UPDATE issuer SET is_active = (name = ?1)", issuer);
        RevocationTable.NextGeneration(connection);
    }

    private static IssuerRecord Read(SqliteDataReader row)
        => ParsedCertificate.TryParse(row.GetBlob(1), out var certificate, out var error)
            ? new IssuerRecord(row.GetString(0), certificate, row.GetBoolean(2), row.GetBoolean(3))
            : throw new AuthorityException($"the certificate of issuer {row.GetString(0)} in the database is malformed: {error}");
}
