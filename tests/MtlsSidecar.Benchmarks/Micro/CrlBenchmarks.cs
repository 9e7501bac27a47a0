using System.Buffers.Binary;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>A CRL with a million entries of 16 octets: its load, a bare look-up in it, and the question about one certificate.</summary>
public class CrlBenchmarks
{
    private const int Entries = 1_000_000;

    // Half of them listed; enough of them that none is found in the processor's cache.
    private const int Serials = 1 << 16;

    private readonly MicroPki _pki = new();
    private readonly CrlStore _store = new(new CrlOptions(), TimeProvider.System);
    private readonly CrlStore _small = new(new CrlOptions(), TimeProvider.System);
    private readonly byte[][] _serials = [.. Enumerable.Range(0, Serials).Select(index => Serial(index * (2 * Entries / Serials)))];
    private CertificateList _list = null!;
    private int _next;
    private RevocationQuestion _question = null!;
    private byte[] _crl = [];

    [GlobalSetup]
    public void Prepare()
    {
        _crl = new TestCrl { Entries = [.. Enumerable.Range(0, Entries).Select(index => new TestCrlEntry(Serial(index)))] }.Sign(_pki.Issuing);
        using var workload = _pki.Issue();
        var candidate = _pki.Find(workload);
        _question = new RevocationQuestion(candidate.Path, 0, candidate.Presented.Others, DateTimeOffset.UtcNow);
        Load(_store);
        _list = CrlReader.Read(_crl);
        if (_small.Load("small", new TestCrl { Entries = [new TestCrlEntry(Serial(0))] }.Sign(_pki.Issuing)) is { } error)
        {
            throw new InvalidOperationException(error);
        }

        if (_store.Check(_question) is { Status: not RevocationStatus.Good } answer)
        {
            throw new InvalidOperationException(answer.Detail);
        }
    }

    [GlobalCleanup]
    public void Clean() => _pki.Dispose();

    [Benchmark(Description = "Look-up of a serial number, 1,000,000 entries")]
    public bool LookUp()
    {
        _next = (_next + 1) % Serials;
        return _list.TryFind(_list.Issuer, _serials[_next], out _);
    }

    [Benchmark(Description = "Question about one certificate, 1 entry")]
    public RevocationAnswer SmallQuestion() => _small.Check(_question);

    [Benchmark(Description = "Question about one certificate, 1,000,000 entries")]
    public RevocationAnswer Question() => _store.Check(_question);

    [Benchmark(Description = "Load of a CRL with 1,000,000 entries")]
    public CrlStore LoadAnew()
    {
        var store = new CrlStore(new CrlOptions(), TimeProvider.System);
        Load(store);
        return store;
    }

    private void Load(CrlStore store)
    {
        if (store.Load("benchmark", _crl) is { } error)
        {
            throw new InvalidOperationException(error);
        }
    }

    // Distinct, positive, in no order, as random serial numbers are.
    private static byte[] Serial(int index)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, index);
        var serial = SHA256.HashData(number)[..16];
        serial[0] = (byte)(serial[0] & 0x7F | 0x40);
        return serial;
    }
}
