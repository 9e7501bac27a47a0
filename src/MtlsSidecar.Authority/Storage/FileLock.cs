namespace MtlsSidecar.Authority.Storage;

/// <summary>A lock between processes that ends with its holder, however that ends.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; null when somebody holds it.</summary>
    public static FileLock? TryAcquire(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = PrivateFile.Mode,
            }));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="AuthorityException">It is still held after a minute.</exception>
    public static async Task<FileLock> AcquireAsync(string path, TimeSpan atMost, TimeProvider timeProvider)
    {
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            if (TryAcquire(path) is { } taken)
            {
                return taken;
            }

            if (timeProvider.GetElapsedTime(started) > atMost)
            {
                throw new AuthorityException($"{path} has been held by another mtls-authority for {atMost.TotalSeconds} s");
            }

            await Task.Delay(RetryInterval, timeProvider);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
