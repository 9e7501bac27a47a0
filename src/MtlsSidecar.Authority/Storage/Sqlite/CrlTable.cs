using Microsoft.Data.Sqlite;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>CRLs by number: those since the last scheduled one, and that one.</summary>
internal static class CrlTable
{
    private const string Columns = "SELECT ?1, number, this_update, next_update, sequence, is_base, is_published FROM crl";
    private const string OfIssuer = "WHERE issuer_id = (SELECT id FROM issuer WHERE name = ?1)";

    public static CrlRecord? LastPublished(SqliteConnection connection, string issuer)
        => connection.Rows(Read, $"{Columns} {OfIssuer} AND is_published = 1 ORDER BY number DESC LIMIT 1", issuer).FirstOrDefault();

    public static CrlPlan Plan(SqliteConnection connection, CrlPlanRequest request, DateTimeOffset time)
    {
        var last = connection.Rows(Read, $"{Columns} {OfIssuer} ORDER BY number DESC LIMIT 1", request.Issuer).FirstOrDefault();
        var lastBase = connection.Rows(Read, $"{Columns} {OfIssuer} AND is_published = 1 AND is_base = 1 ORDER BY number DESC LIMIT 1", request.Issuer).FirstOrDefault();
        var now = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

        // Dated ahead of a time that never goes back by itself: the clock was wrong then, and somebody has said so. What that CRL left out
        // as ended has not ended, so it is nothing to refer to.
        lastBase = lastBase?.ThisUpdate > now ? null : lastBase;
        var thisUpdate = now - CrlRecord.Backdating;
        thisUpdate = last is { ThisUpdate: var before } && before > thisUpdate && before <= now ? before : thisUpdate;
        var next = new CrlRecord(request.Issuer, (last?.Number ?? 0) + 1, thisUpdate, now + request.Validity, RevocationTable.Generation(connection))
        {
            IsBase = request.IsScheduled || lastBase is null,
        };
        connection.Execute(
            $"""
            INSERT INTO crl (issuer_id, number, this_update, next_update, sequence, is_base, is_published)
            SELECT id, ?2, ?3, ?4, ?5, ?6, 0 FROM issuer WHERE name = ?1
            """,
            next.Issuer,
            next.Number,
            next.ThisUpdate.ToUnixTimeSeconds(),
            next.NextUpdate.ToUnixTimeSeconds(),
            next.Sequence,
            next.IsBase);
        return new CrlPlan(next, lastBase ?? next, lastBase?.ThisUpdate ?? DateTimeOffset.UnixEpoch);
    }

    /// <summary>Marks a CRL as published. What precedes the last scheduled one serves nobody any more.</summary>
    public static void MarkPublished(SqliteConnection connection, CrlRecord crl)
    {
        connection.Execute($"UPDATE crl SET is_published = 1 {OfIssuer} AND number = ?2", crl.Issuer, crl.Number);
        if (crl.IsBase)
        {
            connection.Execute($"DELETE FROM crl {OfIssuer} AND number < ?2", crl.Issuer, crl.Number);
        }
    }

    private static CrlRecord Read(SqliteDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetTime(2), row.GetTime(3), row.GetInt64(4))
    {
        IsBase = row.GetBoolean(5),
        IsPublished = row.GetBoolean(6),
    };
}
