using MtlsSidecar.Authority.Storage.Sqlite;

namespace MtlsSidecar.Authority.Storage;

/// <summary>
/// The directory that holds everything: database, keys, published files. Only its owner may enter it.
/// </summary>
internal sealed class DataDirectory(string path)
{
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The directory itself.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The database.</summary>
    public string DatabaseFile => In("authority.db");

    /// <summary>Held by the one server that runs on this directory.</summary>
    public string ServerLockFile => In("serve.lock");

    /// <summary>Held while a CRL is signed, by server or command.</summary>
    public string PublicationLockFile => In("publish.lock");

    /// <summary>The audit trail.</summary>
    public string AuditFile => In("audit.log");

    /// <summary>What the server publishes.</summary>
    public string PublishedDirectory => In("published");

    /// <summary>The root's certificate as PEM: the trust bundle of every relying party.</summary>
    public string BundleFile => In("ca.crt");

    /// <summary>The key of an issuer.</summary>
    public string KeyFile(string issuer) => System.IO.Path.Combine(KeyDirectory, issuer + ".key");

    /// <summary>An issuer's published CRL.</summary>
    public string CrlFile(string issuer) => System.IO.Path.Combine(PublishedDirectory, issuer + ".crl");

    /// <summary>An issuer's published delta CRL.</summary>
    public string DeltaCrlFile(string issuer) => System.IO.Path.Combine(PublishedDirectory, issuer + "-delta.crl");

    private string KeyDirectory => In("keys");

    /// <summary>
    /// Makes a directory beside this one, lets it be filled, and moves it here in one step: what is interrupted leaves nothing behind that
    /// looks like an authority.
    /// </summary>
    /// <exception cref="AuthorityException">There is something here already.</exception>
    public async Task CreateAsync(Func<DataDirectory, Task> fill)
    {
        if (File.Exists(Path) || (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any()))
        {
            throw new AuthorityException($"{Path} exists and is not empty. An authority is never overwritten: name another directory with --data, or remove this one yourself.");
        }

        var next = new DataDirectory(Path.TrimEnd('/') + ".init-" + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(next.Path)!);
            Directory.CreateDirectory(next.Path, DirectoryMode);
            Directory.CreateDirectory(next.KeyDirectory, DirectoryMode);
            Directory.CreateDirectory(next.PublishedDirectory, DirectoryMode);
            await fill(next);
            if (Directory.Exists(Path))
            {
                Directory.Delete(Path);
            }

            Directory.Move(next.Path, Path);
        }
        finally
        {
            if (Directory.Exists(next.Path))
            {
                Directory.Delete(next.Path, recursive: true);
            }
        }
    }

    /// <summary>Opens the database.</summary>
    /// <exception cref="AuthorityException">There is none, or it can't be used.</exception>
    public IAuthorityStore OpenStore(TimeProvider timeProvider)
        => File.Exists(DatabaseFile)
            ? new SqliteStore(SqliteDatabase.Open(DatabaseFile, timeProvider))
            : throw new AuthorityException($"there is no authority in {Path}. Make one: mtls-authority init --data {Path}");

    /// <summary>Makes the database.</summary>
    public IAuthorityStore CreateStore(TimeProvider timeProvider) => new SqliteStore(SqliteDatabase.Create(DatabaseFile, timeProvider));

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
