using MtlsSidecar.TestKit.Fuzzing;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Conformance.Tests.Revocation;

/// <summary>OCSP responses of other projects, good and malformed: each is read or refused, and never anything else.</summary>
public sealed class OcspParseTests
{
    private const string Folder = "parse/pyca/ocsp";
    private const string Marker = Folder + "/resp-sha256.der";
    private const string Corpus = "bssl-pki/ocsp.json";

    /// <summary>With nothing in them that RFC 6960 forbids a reader to accept.</summary>
    private static readonly string[] WellFormed =
    [
        "ocsp-army.deps.mil-resp.der",
        "resp-delegate-unknown-cert.der",
        "resp-responder-key-hash.der",
        "resp-revoked-no-next-update.der",
        "resp-revoked-reason.der",
        "resp-revoked.der",
        "resp-sct-extension.der",
        "resp-sha256.der",
        "resp-single-extension-reason.der",
        "resp-unknown-extension.der",
        "resp-unknown-hash-alg.der",
    ];

    public static TheoryData<string> Files => [.. All];

    private static IEnumerable<string> All
        => ConformanceData.Has(Marker) ? Directory.GetFiles(ConformanceData.Path(Folder)).Order().Select(file => Path.GetFileName(file)) : [];

    [ConformanceTheory(Marker)]
    [MemberData(nameof(Files))]
    public void File_IsReadOnlyIfItIsAWellFormedResponse(string file) => TryRead(Bytes(file)).Should().Be(WellFormed.Contains(file));

    [ConformanceTheory(Corpus)]
    [InlineData(20261122)]
    public void DamagedResponses_AreReadOrRefused(int seed)
    {
        var corpus = ConformanceData.ReadJson(Corpus).GetProperty("cases").EnumerateArray().Select(test => test.GetProperty("response").GetBytesFromBase64());
        var originals = All.Select(Bytes).Concat(corpus).ToList();
        for (var input = 0; input < Mutation.Inputs; input++)
        {
            var damaged = Mutation.Apply(originals[input % originals.Count], seed + input);
            MemoryBound.Hold(damaged.Length, () => TryRead(damaged));
        }
    }

    private static byte[] Bytes(string file) => File.ReadAllBytes(ConformanceData.Path($"{Folder}/{file}"));

    private static bool TryRead(byte[] bytes)
    {
        try
        {
            OcspResponseReader.Read(bytes);
            return true;
        }
        catch (OcspException)
        {
            return false;
        }
    }
}
