using Microsoft.Data.Sqlite;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>Says what a failure of the database means and what to do about it.</summary>
internal static class SqliteFault
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>The exception that goes up instead.</summary>
    public static AuthorityException Explain(string file, SqliteException exception) => new(
        exception.SqliteErrorCode switch
        {
            Busy or Locked => $"{file} is locked by another program. Find it (lsof {file}), end it, and try again.",
            Corrupt or NotADatabase => $"{file} is damaged. Stop everything that uses it, keep it, put the last backup in its place, and revoke what the backup doesn't know of.",
            Full => $"{file} can't be written: the disk is full. Nothing was acknowledged.",
            ReadOnly or InputOutput or CannotOpen => $"{file} can't be read or written ({exception.Message}). Check the disk, and that the file belongs to this user.",
            _ => $"{file}: {exception.Message}",
        },
        exception);
}
