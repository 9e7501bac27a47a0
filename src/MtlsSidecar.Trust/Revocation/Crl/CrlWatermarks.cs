using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The newest CRL ever believed of each scope and key. Nothing older is believed afterwards, also across restarts when there is a file: else
/// whoever can replace a file or an answer could bring back a CRL from before a revocation.
/// </summary>
internal sealed class CrlWatermarks
{
    private const int MaxMarks = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CrlAge> _marks = [];
    private readonly string? _file;

    /// <param name="file">Where the marks outlive the process; null: nowhere.</param>
    public CrlWatermarks(string? file)
    {
        _file = file;
        LoadError = file is null ? null : TryLoad(file);
    }

    /// <summary>Why marks of an earlier process could not be read; null when they were, or there were none.</summary>
    public string? LoadError { get; }

    /// <summary>Why the marks could not be written the last time.</summary>
    public string? SaveError { get; private set; }

    /// <summary>Whether a verified CRL may be believed. If so it becomes the mark for those after it.</summary>
    public bool Admits(CertificateList list, CrlSignerKey key)
    {
        var mark = MarkOf(list, key);
        lock (_gate)
        {
            var isKnown = _marks.TryGetValue(mark, out var newest);
            var comparison = isKnown ? list.Age.CompareTo(newest) : 1;
            if (comparison > 0 && (isKnown || _marks.Count < MaxMarks))
            {
                _marks[mark] = list.Age;
                Save();
            }

            return comparison >= 0;
        }
    }

    private static string MarkOf(CertificateList list, CrlSignerKey key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"{list.Scope.IsDelta}|{list.Scope.KeyIdentifier}|{list.Scope.DistributionPoint}|"));
        hash.AppendData(SHA256.HashData(list.Issuer.RawData.Span));
        hash.AppendData(key.Info.Span);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private void Save()
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            var lines = _marks.Select(mark => string.Create(CultureInfo.InvariantCulture, $"{mark.Key} {mark.Value.Number?.ToString(CultureInfo.InvariantCulture) ?? "-"} {mark.Value.ThisUpdate.ToUnixTimeSeconds()}\n"));
            AtomicFile.Write(_file, Encoding.ASCII.GetBytes(string.Concat(lines)));
            SaveError = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The CRL itself is good: a full disk must not refuse peers. What is lost is the protection after a restart, and that is shown.
            SaveError = exception.Message;
        }
    }

    private string? TryLoad(string file)
    {
        try
        {
            foreach (var line in File.ReadLines(file).Take(MaxMarks))
            {
                var fields = line.Split(' ');
                BigInteger? number = fields[1] == "-" ? null : BigInteger.Parse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture);
                _marks[fields[0]] = new CrlAge(number, DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[2], CultureInfo.InvariantCulture)));
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            return $"{file}: {exception.Message}";
        }

        return null;
    }
}
