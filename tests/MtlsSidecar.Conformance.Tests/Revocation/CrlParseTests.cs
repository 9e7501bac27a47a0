using MtlsSidecar.TestKit.Fuzzing;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Conformance.Tests.Revocation;

/// <summary>CRL files of other projects, good and malformed: each is read or refused, and never anything else.</summary>
public sealed class CrlParseTests
{
    private const string Marker = "parse/webpki-crl/crl.valid.der";

    /// <summary>Each breaks a rule of RFC 5280 §5 that is in its name.</summary>
    private static readonly string[] Malformed =
    [
        "webpki-crl/crl.entry.invalid.reason.der",
        "webpki-crl/crl.entry.unknown.crit.ext.der",
        "webpki-crl/crl.idp.invalid.bool.der",
        "webpki-crl/crl.idp.invalid.name.der",
        "webpki-crl/crl.idp.unknown.tag.der",
        "webpki-crl/crl.mismatched.sigalg.der",
        "webpki-crl/crl.negative.crl.number.der",
        "webpki-crl/crl.too.long.crl.number.der",
        "webpki-crl/crl.unknown.crit.ext.der",
        "webpki-crl/crl.wrong.version.der",
        "pyca/crl/crl_bad_version.pem",
        "pyca/crl/crl_dup_entry_ext.pem",
        "pyca/crl/crl_invalid_time.der",
        "pyca/crl/crl_unsupported_reason.pem",
        "zlint-crl/crl_number_negative.pem",
        "zlint-crl/crl_number_too_large.pem",
        "zlint-crl/crl_with_duplicate_ext.pem",
    ];

    /// <summary>With nothing in them that RFC 5280 forbids a reader to accept.</summary>
    private static readonly string[] WellFormed =
    [
        "webpki-crl/crl.valid.der",
        "webpki-crl/crl.delta.der",
        "webpki-crl/crl.entry.invalidity.date.der",
        "webpki-crl/crl.idp.explicit.false.bool.der",
        "webpki-crl/crl.idp.indirect_crl.der",
        "webpki-crl/crl.idp.name_relative_to_issuer.der",
        "webpki-crl/crl.idp.only_some_reasons.der",
        "webpki-crl/crl.idp.valid.der",
        "webpki-crl/crl.missing.exts.der",
        "webpki-crl/crl.missing.next.update.der",
        "webpki-crl/crl.negative.serial.der",
        "webpki-crl/crl.topbit.serial.der",
        "pyca/crl/crl_almost_10k.pem",
        "pyca/crl/crl_delta_crl_indicator.pem",
        "pyca/crl/crl_empty.pem",
        "pyca/crl/crl_idp_relative_user_all_reasons.pem",
        "pyca/crl/crl_no_next_update.pem",
        "pyca/crl/valid_signature_crl.pem",
        "zlint-crl/crlHasNextUpdate.pem",
        "zlint-crl/crlNotHaveNextUpdate.pem",
        "zlint-crl/crl_rsa_sha384_nul0_eff1.pem",
    ];

    public static TheoryData<string> Files => [.. All];

    public static TheoryData<string> MalformedFiles => [.. Malformed];

    public static TheoryData<string> WellFormedFiles => [.. WellFormed];

    private static IEnumerable<string> All => ConformanceData.Has(Marker)
        ? new[] { "webpki-crl", "pyca/crl", "zlint-crl" }.SelectMany(folder => Directory.GetFiles(ConformanceData.Path("parse/" + folder)).Order().Select(file => $"{folder}/{Path.GetFileName(file)}"))
        : [];

    [ConformanceTheory(Marker)]
    [MemberData(nameof(Files))]
    public void File_IsReadOrRefused(string file) => TryRead(Bytes(file));

    [ConformanceTheory(Marker)]
    [MemberData(nameof(MalformedFiles))]
    public void MalformedFile_IsRefused(string file) => TryRead(Bytes(file)).Should().BeFalse();

    [ConformanceTheory(Marker)]
    [MemberData(nameof(WellFormedFiles))]
    public void WellFormedFile_IsRead(string file) => TryRead(Bytes(file)).Should().BeTrue();

    [ConformanceTheory(Marker)]
    [InlineData(20261122)]
    public void DamagedFiles_AreReadOrRefused(int seed)
    {
        var originals = All.Select(Bytes).Where(bytes => bytes.Length < 16 * 1024).ToList();
        for (var input = 0; input < Mutation.Inputs; input++)
        {
            var damaged = Mutation.Apply(originals[input % originals.Count], seed + input);
            MemoryBound.Hold(damaged.Length, () => TryRead(damaged));
        }
    }

    private static byte[] Bytes(string file) => File.ReadAllBytes(ConformanceData.Path("parse/" + file));

    private static bool TryRead(byte[] bytes)
    {
        try
        {
            CrlReader.ReadAll(bytes).ForEach(list => list.Entries.Dispose());
            return true;
        }
        catch (CrlFormatException)
        {
            return false;
        }
    }
}
