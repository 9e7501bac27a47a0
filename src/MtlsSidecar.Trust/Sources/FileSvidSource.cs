using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources;

/// <summary>The SVID from a certificate file and a key file. A pair that can't be used never replaces one that can.</summary>
public sealed class FileSvidSource : ISvidSource
{
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private volatile X509Svid _current;
    private volatile string? _lastError;

    private FileSvidSource(string certificateFile, string keyFile)
    {
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        AsRead = FileStamps.Of(Files);
        _current = Read(certificateFile, keyFile);
    }

    /// <inheritdoc/>
    public event Action? Rotated;

    /// <inheritdoc/>
    public X509Svid Current => _current;

    /// <inheritdoc/>
    public string? LastError => _lastError;

    /// <summary>The files to watch.</summary>
    public IReadOnlyList<string> Files => [_certificateFile, _keyFile];

    /// <summary>What they were like before they were read first.</summary>
    public FileStamps AsRead { get; }

    /// <summary>Reads the pair.</summary>
    /// <exception cref="TrustMaterialException">The pair can't be read or doesn't fit.</exception>
    public static FileSvidSource Open(string certificateFile, string keyFile)
        => new(certificateFile, keyFile);

    /// <summary>
    /// Reads the pair again. Fails closed in both senses: a bad pair is refused and remembered in <see cref="LastError"/>, and the pair in
    /// force stays.
    /// </summary>
    /// <returns>The error; null when the pair is good.</returns>
    public string? Reload()
    {
        X509Svid next;
        try
        {
            next = Read(_certificateFile, _keyFile);
        }
        catch (TrustMaterialException exception)
        {
            return _lastError = exception.Message;
        }

        _lastError = null;

        // Not the leaf alone: an authority may be certified anew, and peers then need the new intermediate under the old leaf.
        if (!next.PresentsTheSameAs(_current))
        {
            _current = next;
            Rotated?.Invoke();
        }

        return null;
    }

    private static X509Svid Read(string certificateFile, string keyFile)
    {
        var certificate = TrustFile.ReadText(certificateFile);
        string key;
        try
        {
            key = TrustFile.ReadText(keyFile);
        }
        catch (TrustMaterialException exception)
        {
            throw new PrivateKeyException(exception.Message, exception);
        }

        try
        {
            return X509Svid.FromPem(certificate, key);
        }
        catch (PrivateKeyException exception)
        {
            throw new PrivateKeyException($"{keyFile} with {certificateFile}: {exception.Message}", exception);
        }
        catch (TrustMaterialException exception)
        {
            throw new TrustMaterialException($"{certificateFile}: {exception.Message}", exception);
        }
    }
}
