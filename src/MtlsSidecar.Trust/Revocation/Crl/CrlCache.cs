using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Fetched CRLs on disk, so that a restart survives a dead CRL server. An answer is received as it comes, staged when it could be loaded, and
/// settles only when its signature has been verified: a forged answer never takes the place of a genuine one, nor one that is no CRL that of
/// one that waits. Files are named by the hash of the URL and, where certificates named it, of their anchor.
/// </summary>
internal sealed class CrlCache(string directory)
{
    private const string Settled = ".crl";
    private const string Staged = ".new";
    private const string Received = ".got";

    /// <summary>Where the newest CRLs seen are remembered.</summary>
    public static string WatermarkFile(string directory) => Path.Combine(directory, "newest-crls");

    /// <summary>Makes the directory, readable by nobody else.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    public static void Prepare(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Keeps an answer of which nothing is known yet, beside the one that is staged. No later process looks at it.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Receive(CrlSourceKey source, NativeBuffer content) => AtomicFile.Write(FileOf(source, Received), content.Written);

    /// <summary>Puts the received answer, whose signature is not verified yet, in the place of the one that was staged.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Stage(CrlSourceKey source) => File.Move(FileOf(source, Received), FileOf(source, Staged), overwrite: true);

    /// <summary>Makes the staged answer the one to start from.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Settle(CrlSourceKey source) => File.Move(FileOf(source, Staged), FileOf(source, Settled), overwrite: true);

    /// <summary>Forgets an answer that turned out to be bad.</summary>
    /// <exception cref="IOException">It can't be deleted.</exception>
    public void DropReceived(CrlSourceKey source) => File.Delete(FileOf(source, Received));

    /// <summary>Forgets a source: one that nobody names any more must not fill the disk.</summary>
    /// <exception cref="IOException">A file can't be deleted.</exception>
    public void Delete(CrlSourceKey source)
    {
        File.Delete(FileOf(source, Received));
        File.Delete(FileOf(source, Staged));
        File.Delete(FileOf(source, Settled));
    }

    /// <summary>Gives what an earlier process kept, the settled answer first; what can't be read is passed over.</summary>
    public async IAsyncEnumerable<(NativeBuffer Content, bool IsSettled)> ReadAsync(CrlSourceKey source, int maxLength)
    {
        foreach (var kind in new[] { Settled, Staged })
        {
            if (await TryReadAsync(FileOf(source, kind), maxLength) is { } content)
            {
                yield return (content, kind == Settled);
            }
        }
    }

    private static async Task<NativeBuffer?> TryReadAsync(string path, int maxLength)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            return await NativeBuffer.ReadAsync(file, file.Length, maxLength, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FetchException)
        {
            return null;
        }
    }

    private string FileOf(CrlSourceKey source, string kind)
        => Path.Combine(directory, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{source.Anchor} {source.Source}".TrimStart()))) + kind);
}
