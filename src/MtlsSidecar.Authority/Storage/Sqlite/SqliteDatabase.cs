using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>
/// One SQLite file with a write-ahead log: one writer at a time, readers on connections of their own that never wait for it. A commit
/// returns when it is on the disk (<c>synchronous=FULL</c>).
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int BusyMilliseconds = 5_000;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly string _file;
    private readonly TimeProvider _timeProvider;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly SqliteConnection _writer;

    private SqliteDatabase(string file, TimeProvider timeProvider)
    {
        (_file, _timeProvider) = (file, timeProvider);
        _writer = Connect();
    }

    /// <summary>Makes a database that nobody else may read.</summary>
    public static SqliteDatabase Create(string file, TimeProvider timeProvider)
    {
        // SQLite gives its log and index files the mode of the database itself.
        new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = PrivateFile.Mode }).Dispose();
        return Open(file, timeProvider);
    }

    /// <summary>Opens a database and brings its tables to the latest version.</summary>
    /// <exception cref="AuthorityException">It is missing, locked, damaged or of a later program.</exception>
    public static SqliteDatabase Open(string file, TimeProvider timeProvider)
    {
        SqliteDatabase? database = null;
        try
        {
            database = new SqliteDatabase(file, timeProvider);
            SqliteSchema.Migrate(database._writer, file);
            return database;
        }
        catch (SqliteException exception)
        {
            database?.Dispose();
            throw SqliteFault.Explain(file, exception);
        }
        catch (AuthorityException)
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>Reads what is committed.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            var connection = Rent();
            try
            {
                return read(connection);
            }
            finally
            {
                _readers.Add(connection);
            }
        }
        catch (SqliteException exception)
        {
            throw SqliteFault.Explain(_file, exception);
        }
    }

    /// <summary>Streams rows of one snapshot.</summary>
    public IEnumerable<T> Stream<T>(Func<SqliteConnection, SqliteCommand> query, Func<SqliteDataReader, T> read)
    {
        var connection = Rent();
        try
        {
            using var command = query(connection);
            using var reader = Explained(command.ExecuteReader);
            while (Explained(reader.Read))
            {
                yield return read(reader);
            }
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    /// <summary>Writes in one durable transaction, which knows the time: never earlier than any write before it.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, DateTimeOffset, T> write) => WriteAsync(write, believesClock: false);

    /// <summary>Forgets that there were later times than now.</summary>
    public Task AcceptClockAsync() => WriteAsync((_, _) => true, believesClock: true);

    /// <summary>Refuses when the clock is behind the time of the transaction by more than clocks differ.</summary>
    public void ThrowIfClockMovedBack(DateTimeOffset time)
    {
        var now = _timeProvider.GetUtcNow();
        if (time - now > ClockTolerance)
        {
            throw new ClockMovedBackException(now, time);
        }
    }

    /// <summary>The latest time of any write, in whole seconds.</summary>
    public static DateTimeOffset LatestTime(SqliteConnection connection)
        => DateTimeOffset.FromUnixTimeSeconds(connection.Number("SELECT latest_time FROM state"));

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        foreach (var reader in _readers)
        {
            reader.Dispose();
        }

        _writing.Dispose();
    }

    private async Task<T> WriteAsync<T>(Func<SqliteConnection, DateTimeOffset, T> write, bool believesClock)
    {
        await _writing.WaitAsync();
        try
        {
            using var transaction = _writer.BeginTransaction();
            var latest = LatestTime(_writer);
            var now = _timeProvider.GetUtcNow();
            var time = believesClock || now > latest ? now : latest;
            var result = write(_writer, time);
            _writer.Execute("UPDATE state SET latest_time = ?1", time.ToUnixTimeSeconds());
            transaction.Commit();
            return result;
        }
        catch (SqliteException exception)
        {
            throw SqliteFault.Explain(_file, exception);
        }
        finally
        {
            _writing.Release();
        }
    }

    private SqliteConnection Rent() => _readers.TryTake(out var connection) ? connection : Explained(Connect);

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        connection.Open();
        connection.Execute($"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        return connection;
    }

    private T Explained<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException exception)
        {
            throw SqliteFault.Explain(_file, exception);
        }
    }
}
