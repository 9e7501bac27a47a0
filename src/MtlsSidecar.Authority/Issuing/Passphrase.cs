using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>What encrypts the authority's keys: the first line of a file. Never shown.</summary>
internal sealed class Passphrase
{
    private const int MinLength = 8;

    private Passphrase(string text) => Text = text;

    /// <summary>The passphrase itself.</summary>
    public string Text { get; }

    /// <summary>Reads a passphrase; none when there is no file.</summary>
    /// <exception cref="AuthorityException">The file can't be read, or is too short to protect anything.</exception>
    public static Passphrase? Read(FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            var text = File.ReadLines(file.FullName).FirstOrDefault() ?? "";
            return text.Length >= MinLength
                ? new Passphrase(text)
                : throw new AuthorityException($"the passphrase in {file.FullName} has less than {MinLength} characters");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException($"the passphrase can't be read: {exception.Message}", exception);
        }
    }
}
