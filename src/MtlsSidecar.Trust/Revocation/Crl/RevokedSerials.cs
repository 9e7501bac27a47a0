using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The entries of one CRL, packed for lookup: fixed-width records grouped by hash, and one offset for each group of about eight. A million
/// entries with serial numbers of 16 octets take 17 MB; a lookup touches three cache lines or four and allocates nothing. Exact: the serial
/// number itself is stored and compared, so there are no false positives.
/// </summary>
/// <remarks>Record: flags (sign and reason), issuer ordinal (two bytes, indirect CRLs only), serial number left-padded to the CRL's longest.</remarks>
internal sealed class RevokedSerials : IDisposable
{
    /// <summary>The longest serial number read, in octets; RFC 5280 §4.1.2.2 allows 20, some authorities need a few more.</summary>
    public const int MaxSerialLength = 32;

    private const int EntriesPerGroup = 8;
    private const byte NegativeFlag = 0x80;
    private const byte ReasonMask = 0x0F;

    // The offsets of the groups, then the records.
    private readonly NativeBuffer _memory;
    private readonly int _groupCount;
    private readonly int _issuerLength;
    private readonly int _recordLength;
    private readonly ulong _seed;

    private RevokedSerials(CrlEntrySurvey survey)
    {
        Count = survey.Count;
        _issuerLength = survey.Issuers.Count > 1 ? sizeof(ushort) : 0;
        _recordLength = 1 + _issuerLength + survey.SerialLength;
        _groupCount = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, Count / EntriesPerGroup));
        _seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _memory = NativeBuffer.Zeroed(checked(StartsLength + (Count * _recordLength)));
    }

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    /// <summary>How many bytes of memory the entries take.</summary>
    public long Size => StartsLength + ((long)Count * _recordLength);

    private int StartsLength => (_groupCount + 1) * sizeof(int);

    /// <summary>Where each group begins, counted in records, and at the end where the last one ends.</summary>
    private Span<int> Starts => MemoryMarshal.Cast<byte, int>(_memory.Written[..StartsLength]);

    private Span<byte> Records => _memory.Written[StartsLength..];

    /// <summary>Packs the entries of a list that <see cref="CrlEntrySurvey"/> has found well formed.</summary>
    public static RevokedSerials Pack(ReadOnlySpan<byte> entries, CrlEntrySurvey survey)
    {
        var packed = new RevokedSerials(survey);
        packed.Fill(entries, survey);
        return packed;
    }

    /// <summary>
    /// Looks a serial number up. If a CRL names it more than once, an entry that revokes outweighs one that removes: the contradiction
    /// fails closed.
    /// </summary>
    /// <param name="serialNumber">Content octets of the certificate's serial number, as encoded.</param>
    /// <param name="issuerOrdinal">Whose serial number: 0 is the CRL's own issuer.</param>
    /// <param name="reason">The entry's reason.</param>
    /// <exception cref="ObjectDisposedException">The CRL has been replaced; ask the set that replaced it.</exception>
    public bool TryFind(ReadOnlySpan<byte> serialNumber, int issuerOrdinal, out CrlReason reason)
    {
        reason = default;
        if (1 + _issuerLength + Magnitude(serialNumber).Length > _recordLength || (issuerOrdinal != 0 && _issuerLength == 0))
        {
            return false;
        }

        // Another thread may replace this CRL and free its memory while we read it.
        var isHeld = false;
        try
        {
            _memory.DangerousAddRef(ref isHeld);
            return Find(serialNumber, issuerOrdinal, out reason);
        }
        finally
        {
            if (isHeld)
            {
                _memory.DangerousRelease();
            }
        }
    }

    /// <summary>Gives the memory back, once nobody reads it any more.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>The octets without the zero that only keeps a positive number positive.</summary>
    internal static ReadOnlySpan<byte> Magnitude(ReadOnlySpan<byte> serialNumber)
        => serialNumber.Length > 1 && serialNumber[0] == 0 ? serialNumber[1..] : serialNumber;

    /// <summary>Counting sort in two walks: how many entries has each group, then each entry into its group. Nothing is compared or moved.</summary>
    private void Fill(ReadOnlySpan<byte> entries, CrlEntrySurvey survey)
    {
        var starts = Starts;
        var records = Records;
        for (var reader = survey.Walk(entries); reader.MoveNext();)
        {
            starts[GroupOf(reader.SerialNumber, reader.IssuerOrdinal) + 1]++;
        }

        for (var group = 1; group < starts.Length; group++)
        {
            starts[group] += starts[group - 1];
        }

        for (var reader = survey.Walk(entries); reader.MoveNext();)
        {
            var position = starts[GroupOf(reader.SerialNumber, reader.IssuerOrdinal)]++;
            Write(records.Slice(position * _recordLength, _recordLength), reader.SerialNumber, reader.IssuerOrdinal, reader.Reason);
        }

        // Each start moved on to the next group's; shift them back.
        starts[..^1].CopyTo(starts[1..]);
        starts[0] = 0;
    }

    private bool Find(ReadOnlySpan<byte> serialNumber, int issuerOrdinal, out CrlReason reason)
    {
        Span<byte> wanted = stackalloc byte[_recordLength];
        Write(wanted, serialNumber, issuerOrdinal, default);
        var group = GroupOf(serialNumber, issuerOrdinal);
        var starts = Starts;
        var records = Records[(starts[group] * _recordLength)..(starts[group + 1] * _recordLength)];
        var found = false;
        reason = default;
        for (; !records.IsEmpty; records = records[_recordLength..])
        {
            if (!records[1.._recordLength].SequenceEqual(wanted[1..]) || (records[0] & NegativeFlag) != wanted[0])
            {
                continue;
            }

            var entry = (CrlReason)(records[0] & ReasonMask);
            reason = found && entry == CrlReason.RemoveFromCrl ? reason : entry;
            found = true;
        }

        return found;
    }

    private void Write(Span<byte> record, ReadOnlySpan<byte> serialNumber, int issuerOrdinal, CrlReason reason)
    {
        // DER serial numbers are two's complement: -1 (FF) and 255 (00 FF) are different certificates.
        record[0] = (byte)((serialNumber[0] & NegativeFlag) | (byte)reason);
        if (_issuerLength != 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(record[1..], (ushort)issuerOrdinal);
        }

        var magnitude = Magnitude(serialNumber);
        record[(1 + _issuerLength)..^magnitude.Length].Clear();
        magnitude.CopyTo(record[^magnitude.Length..]);
    }

    /// <summary>Seeded for each CRL, so that nobody can choose serial numbers that all fall into one group.</summary>
    private int GroupOf(ReadOnlySpan<byte> serialNumber, int issuerOrdinal)
    {
        var hash = _seed ^ (ulong)issuerOrdinal;
        for (; serialNumber.Length >= sizeof(ulong); serialNumber = serialNumber[sizeof(ulong)..])
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(serialNumber));
        }

        foreach (var octet in serialNumber)
        {
            hash = (hash << 8) ^ (hash >> 56) ^ octet;
        }

        return (int)(Mix(hash) >> 32) & (_groupCount - 1);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD;
        value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53;
        return value ^ (value >> 33);
    }
}
