using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The newest CRL ever believed of each scope and key. Nothing older is believed afterwards, also across restarts when there is a file: else
/// whoever can replace a file or an answer could bring back a CRL from before a revocation.
/// </summary>
internal sealed class CrlWatermarks : IDisposable
{
    private const int MaxMarks = 10_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CrlAge> _marks = [];
    private readonly string? _file;
    private readonly Action<string>? _failed;
    private Task _saving = Task.CompletedTask;
    private bool _isDirty;

    /// <param name="file">Where the marks outlive the process; null: nowhere.</param>
    /// <param name="failed">Hears that they could not be written.</param>
    public CrlWatermarks(string? file, Action<string>? failed = null)
    {
        _file = file;
        _failed = failed;
        LoadError = file is null ? null : TryLoad(file);
    }

    /// <summary>Why marks of an earlier process could not be read; null when they were, or there were none.</summary>
    public string? LoadError { get; }

    /// <summary>Scope and key in one word of fixed length, as it stands in the file.</summary>
    public static string MarkOf(CrlScope scope, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"{scope.IsDelta}|{scope.KeyIdentifier}|{scope.DistributionPoint}|"));
        hash.AppendData(SHA256.HashData(scope.Issuer.RawData.Span));
        hash.AppendData(subjectPublicKeyInfo);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Writes what is still to be written.</summary>
    public void Dispose()
    {
        Task saving;
        lock (_gate)
        {
            saving = _saving;
        }

        saving.Wait(LongestWait);
    }

    /// <summary>Whether a verified CRL may be believed. If so it becomes the mark for those after it.</summary>
    public bool Admits(CertificateList list, CrlSignerKey key)
    {
        var mark = list.FindSigner(key.Info.Span)?.Mark ?? MarkOf(list.Scope, key.Info.Span);
        lock (_gate)
        {
            var isKnown = _marks.TryGetValue(mark, out var newest);
            var comparison = isKnown ? list.Age.CompareTo(newest) : 1;
            if (comparison > 0 && (isKnown || _marks.Count < MaxMarks))
            {
                _marks[mark] = list.Age;
                SaveSoon();
            }

            return comparison >= 0;
        }
    }

    /// <summary>Off the handshake's thread and out of the lock, as a disk takes its time; what changes meanwhile is written together.</summary>
    private void SaveSoon()
    {
        if (_file is null || _isDirty)
        {
            return;
        }

        _isDirty = true;
        _saving = _saving.ContinueWith(_ => Save(_file), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Save(string file)
    {
        // Another process may have written meanwhile, mtls-sidecar inspect say: what it saw must not be forgotten. If the file can't be read it is
        // replaced, by marks that are in memory at least.
        _ = TryLoad(file);
        KeyValuePair<string, CrlAge>[] marks;
        lock (_gate)
        {
            _isDirty = false;
            marks = [.. _marks];
        }

        try
        {
            var lines = marks.Select(mark => string.Create(CultureInfo.InvariantCulture, $"{mark.Key} {mark.Value.Number?.ToString(CultureInfo.InvariantCulture) ?? "-"} {mark.Value.ThisUpdate.ToUnixTimeSeconds()}\n"));
            AtomicFile.Write(file, Encoding.ASCII.GetBytes(string.Concat(lines)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The CRL itself is good: a full disk must not refuse peers. What is lost is the protection after a restart, and that is told.
            _failed?.Invoke(exception.Message);
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
                Raise(fields[0], new CrlAge(number, DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[2], CultureInfo.InvariantCulture))));
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

    private void Raise(string mark, CrlAge age)
    {
        lock (_gate)
        {
            var isKnown = _marks.TryGetValue(mark, out var newest);
            if (isKnown ? age.CompareTo(newest) > 0 : _marks.Count < MaxMarks)
            {
                _marks[mark] = age;
            }
        }
    }
}
