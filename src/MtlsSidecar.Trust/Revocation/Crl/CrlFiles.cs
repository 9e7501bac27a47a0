using MtlsSidecar.Trust.Revocation.Fetching;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The configured CRL files. Watching them is the caller's: it asks for a reload when it thinks that something changed.</summary>
public sealed class CrlFiles(CrlStore store, IReadOnlyList<string> paths) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<string, FileStamp> _inForce = [];

    /// <summary>The files to watch.</summary>
    public IReadOnlyList<string> Paths => paths;

    /// <summary>Reads each file that has changed since it was last loaded. A bad file changes nothing and shows in <see cref="CrlStore.Status"/>.</summary>
    /// <returns>Every error with the file's name; empty when all files are in force.</returns>
    public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            foreach (var path in paths)
            {
                if (await LoadAsync(path, cancellationToken) is { } error)
                {
                    errors.Add($"{path}: {error}");
                }
            }
        }
        finally
        {
            _oneAtATime.Release();
        }

        return errors;
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private async Task<string?> LoadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // Taken before reading: what is written meanwhile has another stamp and is seen next time.
            var stamp = FileStamp.Of(path);
            if (_inForce.TryGetValue(path, out var known) && known == stamp)
            {
                return null;
            }

            string? error;
            await using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true))
            {
                // PEM is a third larger than DER, and the file may hold several CRLs.
                var maxLength = (int)Math.Min(int.MaxValue / 2, store.Options.MaxLength * 3L / 2);
                using var buffer = await NativeBuffer.ReadAsync(file, file.Length, maxLength, cancellationToken);
                error = store.Load(new CrlSourceKey(path), buffer);
            }

            if (error is null)
            {
                _inForce[path] = stamp;
            }

            return error;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FetchException)
        {
            return store.Refuse(new CrlSourceKey(path), exception.Message);
        }
    }
}
