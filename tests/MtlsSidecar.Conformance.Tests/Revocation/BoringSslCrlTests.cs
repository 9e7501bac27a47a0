using System.Text.Json;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Conformance.Tests.Revocation;

/// <summary>BoringSSL's CRL cases: one certificate, one CRL, one verdict.</summary>
public sealed class BoringSslCrlTests
{
    internal const string File = "bssl-pki/crl.json";

    /// <summary>Where BoringSSL refuses what RFC 5280 allows. All others must come out as BoringSSL has them.</summary>
    private static readonly Dictionary<string, RevocationStatus> BeyondTheRfc = new()
    {
        // An age limit of seven days from thisUpdate is BoringSSL's own: RFC 5280 §5.1.2.5 ends a CRL at nextUpdate.
        ["crl::bad_thisupdate_too_old"] = RevocationStatus.Good,

        // BoringSSL has no indirect CRLs; RFC 5280 §5.2.5 lets one speak of its own issuer's certificates as well.
        ["crl::bad_idp_indirectcrl"] = RevocationStatus.Good,
    };

    private static readonly JsonElement Suite = ConformanceData.ReadJson(File);

    public static TheoryData<string> Cases => [.. All.Select(test => test.GetProperty("id").GetString()!)];

    internal static DateTimeOffset ValidationTime => Suite.GetProperty("validationTime").GetDateTimeOffset();

    private static IEnumerable<JsonElement> All => Suite.TryGetProperty("cases", out var cases) ? cases.EnumerateArray() : [];

    [ConformanceTheory(File)]
    [MemberData(nameof(Cases))]
    public void Crl_IsJudgedAsExpected(string id)
    {
        var test = Find(id);
        var at = ValidationTime;
        var expected = ExpectedOf(test);
        var store = new CrlStore(new CrlOptions { AlgorithmFloor = false }, new ManualTimeProvider(at));
        var refused = store.Load("crl", test.GetProperty("crl").GetBytesFromBase64());

        // Each issuer certificate in turn is the anchor; one path for which the CRL answers is enough, as in BoringSSL's runner.
        var leaf = Parse(test.GetProperty("cert"));
        var answers = test.GetProperty("issuers").EnumerateArray()
            .Select(issuer => store.Check(new RevocationQuestion(Path(leaf, Parse(issuer)), 0, [], at)))
            .ToList();

        var status = answers.Find(answer => answer.Status != RevocationStatus.Unknown)?.Status ?? RevocationStatus.Unknown;
        status.Should().Be(expected, $"{refused}; {string.Join("; ", answers.Select(answer => answer.Detail))}");
    }

    internal static JsonElement Find(string id) => All.Single(test => test.GetProperty("id").GetString() == id);

    internal static RevocationStatus ExpectedOf(JsonElement test) => BeyondTheRfc.TryGetValue(test.GetProperty("id").GetString()!, out var ours)
        ? ours
        : Enum.Parse<RevocationStatus>(test.GetProperty("expected").GetString()!, ignoreCase: true);

    /// <summary>Put together by hand: BoringSSL's certificates hold no path, its test judges the CRL alone.</summary>
    private static CertificationPath Path(ParsedCertificate leaf, ParsedCertificate issuer) => new([leaf, issuer], new HashSet<string>());

    private static ParsedCertificate Parse(JsonElement certificate)
        => ParsedCertificate.TryParse(certificate.GetBytesFromBase64(), out var parsed, out var error) ? parsed : throw new InvalidOperationException(error);
}
