using Microsoft.Data.Sqlite;
using MtlsSidecar.Authority.Storage.Sqlite;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>Puts an authority's database into a state that only time, or a wrong clock, would bring about.</summary>
internal static class AuthorityDatabase
{
    /// <summary>Lets the database have seen a time to come, and every CRL be dated then: what a clock that ran ahead leaves behind.</summary>
    public static void RunAhead(AuthorityProgram program, TimeSpan by)
    {
        var ahead = (DateTimeOffset.UtcNow + by).ToUnixTimeSeconds();
        Change(program, "UPDATE state SET latest_time = ?1", ahead);
        Change(program, "UPDATE crl SET this_update = ?1, next_update = ?1 + 86400", ahead);
    }

    /// <summary>Damages a page that nobody reads at start.</summary>
    public static void DamageUnnoticed(AuthorityProgram program)
    {
        long offset;
        using (var connection = Connect(program))
        {
            offset = (connection.Number("SELECT rootpage FROM sqlite_master WHERE name = 'token_use'") - 1) * connection.Number("PRAGMA page_size");
        }

        using var database = File.OpenWrite(FileOf(program));
        database.Position = offset;
        database.Write("xxxxxxxx"u8);
    }

    /// <summary>Runs one statement.</summary>
    public static void Change(AuthorityProgram program, string sql, params ReadOnlySpan<object> values)
    {
        using var connection = Connect(program);
        connection.Execute(sql, values);
    }

    private static string FileOf(AuthorityProgram program) => Path.Combine(program.Data, "authority.db");

    private static SqliteConnection Connect(AuthorityProgram program)
    {
        var connection = new SqliteConnection($"Data Source={FileOf(program)};Pooling=False");
        connection.Open();
        return connection;
    }
}
