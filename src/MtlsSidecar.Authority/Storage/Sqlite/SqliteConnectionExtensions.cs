using Microsoft.Data.Sqlite;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>Statements with positional parameters, so that no value is ever part of a statement's text.</summary>
internal static class SqliteConnectionExtensions
{
    /// <summary>Runs a statement and gives the number of rows that it changed.</summary>
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs a query for one number.</summary>
    public static long Number(this SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = connection.Command(sql, values);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Runs a query for one text; null when it gives none.</summary>
    public static string? Text(this SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteScalar() as string;
    }

    /// <summary>Runs a query and gives all its rows.</summary>
    public static List<T> Rows<T>(this SqliteConnection connection, Func<SqliteDataReader, T> read, string sql, params ReadOnlySpan<object> values)
    {
        using var command = connection.Command(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Makes a command; <c>?1</c> in the statement stands for the first value.</summary>
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"?{i + 1}", values[i]);
        }

        return command;
    }

    /// <summary>A time as whole seconds: more than any certificate or CRL can say.</summary>
    public static DateTimeOffset GetTime(this SqliteDataReader reader, int ordinal) => DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(ordinal));

    /// <summary>A blob.</summary>
    public static byte[] GetBlob(this SqliteDataReader reader, int ordinal) => reader.GetFieldValue<byte[]>(ordinal);
}
