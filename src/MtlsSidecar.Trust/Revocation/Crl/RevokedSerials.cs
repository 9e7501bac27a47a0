using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// The entries of one CRL, packed for lookup: one byte array of fixed-width records grouped by hash, and one offset per group of about eight.
/// A million entries with serial numbers of 16 octets take 17 MB; a lookup touches two cache lines or three and allocates nothing. Exact:
/// the serial number itself is stored and compared, so there are no false positives.
/// </summary>
/// <remarks>Record: flags (sign and reason), issuer ordinal (two bytes, indirect CRLs only), serial number left-padded to the CRL's longest.</remarks>
internal sealed class RevokedSerials
{
    /// <summary>The longest serial number read, in octets; RFC 5280 §4.1.2.2 allows 20, some authorities need a few more.</summary>
    public const int MaxSerialLength = 32;

    private const int EntriesPerGroup = 8;
    private const byte NegativeFlag = 0x80;
    private const byte ReasonMask = 0x0F;

    private readonly byte[] _records;
    private readonly int[] _groupStarts;
    private readonly int _issuerLength;
    private readonly int _serialLength;
    private readonly ulong _seed;

    private RevokedSerials(int count, int serialLength, bool hasIssuers)
    {
        Count = count;
        _serialLength = serialLength;
        _issuerLength = hasIssuers ? sizeof(ushort) : 0;
        _records = count == 0 ? [] : GC.AllocateUninitializedArray<byte>(checked(count * RecordLength));
        _groupStarts = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count / EntriesPerGroup)) + 1];
        _seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    }

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    private int RecordLength => 1 + _issuerLength + _serialLength;

    /// <summary>Packs the entries of a list that <see cref="CrlEntrySurvey"/> has found well formed.</summary>
    public static RevokedSerials Pack(ReadOnlySpan<byte> entries, CrlEntrySurvey survey)
    {
        var packed = new RevokedSerials(survey.Count, survey.SerialLength, survey.Issuers.Count > 1);

        // Counting sort, in two walks: how many entries has each group, then each entry into its group. Nothing is ever compared or moved.
        var counts = packed._groupStarts;
        for (var reader = survey.Walk(entries); reader.MoveNext();)
        {
            counts[packed.GroupOf(reader.SerialNumber, reader.IssuerOrdinal) + 1]++;
        }

        for (var group = 1; group < counts.Length; group++)
        {
            counts[group] += counts[group - 1];
        }

        // Each entry is put at its group's start, which then moves on; afterwards every start has become the next group's, so shift back.
        for (var reader = survey.Walk(entries); reader.MoveNext();)
        {
            var position = counts[packed.GroupOf(reader.SerialNumber, reader.IssuerOrdinal)]++;
            packed.Write(position, reader.SerialNumber, reader.IssuerOrdinal, reader.Reason);
        }

        counts.AsSpan(0, counts.Length - 1).CopyTo(counts.AsSpan(1));
        counts[0] = 0;
        return packed;
    }

    /// <summary>
    /// Looks a serial number up. If a CRL names it more than once, an entry that revokes outweighs one that removes: the contradiction
    /// fails closed.
    /// </summary>
    /// <param name="serialNumber">Content octets of the certificate's serial number, as encoded.</param>
    /// <param name="issuerOrdinal">Whose serial number: 0 is the CRL's own issuer.</param>
    /// <param name="reason">The entry's reason.</param>
    public bool TryFind(ReadOnlySpan<byte> serialNumber, int issuerOrdinal, out CrlReason reason)
    {
        reason = default;
        var magnitude = Magnitude(serialNumber);
        if (Count == 0 || magnitude.Length > _serialLength || (issuerOrdinal != 0 && _issuerLength == 0))
        {
            return false;
        }

        var sign = Sign(serialNumber);
        var found = false;
        var group = GroupOf(serialNumber, issuerOrdinal);
        for (var index = _groupStarts[group]; index < _groupStarts[group + 1]; index++)
        {
            var record = _records.AsSpan(index * RecordLength, RecordLength);
            if ((record[0] & NegativeFlag) != sign
                || (_issuerLength != 0 && BinaryPrimitives.ReadUInt16LittleEndian(record[1..]) != issuerOrdinal)
                || !record[^magnitude.Length..].SequenceEqual(magnitude)
                || record[(1 + _issuerLength)..^magnitude.Length].ContainsAnyExcept((byte)0))
            {
                continue;
            }

            var entry = (CrlReason)(record[0] & ReasonMask);
            reason = found && entry == CrlReason.RemoveFromCrl ? reason : entry;
            found = true;
        }

        return found;
    }

    private void Write(int position, ReadOnlySpan<byte> serialNumber, int issuerOrdinal, CrlReason reason)
    {
        var record = _records.AsSpan(position * RecordLength, RecordLength);
        record[0] = (byte)(Sign(serialNumber) | (byte)reason);
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

        return (int)(Mix(hash) >> 32) & (_groupStarts.Length - 2);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD;
        value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53;
        return value ^ (value >> 33);
    }

    /// <summary>DER serial numbers are two's complement: -1 (FF) and 255 (00 FF) are different certificates.</summary>
    private static byte Sign(ReadOnlySpan<byte> serialNumber) => serialNumber.Length > 0 && serialNumber[0] >= 0x80 ? NegativeFlag : (byte)0;

    /// <summary>The octets without the zero that only keeps a positive number positive.</summary>
    internal static ReadOnlySpan<byte> Magnitude(ReadOnlySpan<byte> serialNumber)
        => serialNumber.Length > 1 && serialNumber[0] == 0 ? serialNumber[1..] : serialNumber;
}
