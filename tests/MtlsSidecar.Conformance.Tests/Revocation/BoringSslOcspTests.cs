using System.Text.Json;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Conformance.Tests.Revocation;

/// <summary>BoringSSL's OCSP cases: one certificate, one response, one verdict.</summary>
public sealed class BoringSslOcspTests
{
    internal const string File = "bssl-pki/ocsp.json";

    /// <summary>
    /// A serial number that is not DER (00 05). BoringSSL compares it all the same; we refuse to read such a certificate, so there is nothing
    /// to ask a responder about.
    /// </summary>
    internal const string NotDer = "ocsp::good_response_invalid_serial";

    private static readonly JsonElement Suite = ConformanceData.ReadJson(File);

    public static TheoryData<string> Cases => [.. All.Select(test => test.GetProperty("id").GetString()!)];

    public static TheoryData<string> Requests => [.. All.Select(test => test.GetProperty("id").GetString()!).Where(id => id != NotDer)];

    internal static DateTimeOffset ValidationTime => Suite.GetProperty("validationTime").GetDateTimeOffset();

    private static IEnumerable<JsonElement> All => Suite.TryGetProperty("cases", out var cases) ? cases.EnumerateArray() : [];

    [ConformanceTheory(File)]
    [MemberData(nameof(Cases))]
    public async Task Response_IsJudgedAsExpected(string id)
    {
        var test = Find(id);
        if (!TryParse(test, "cert", out var leaf))
        {
            id.Should().Be(NotDer, "any other certificate can be read");
            return;
        }

        TryParse(test, "issuer", out var issuer).Should().BeTrue();
        var options = new OcspOptions { AlgorithmFloor = false, MaxAgeWithoutNextUpdate = TimeSpan.FromSeconds(Suite.GetProperty("maxAgeSeconds").GetInt32()) };
        var source = new OcspResponseSource(test.GetProperty("response").GetBytesFromBase64(), options);

        // Put together by hand, as BoringSSL's test judges the response alone.
        var path = new CertificationPath([leaf!, issuer!], new HashSet<string>());
        var answer = await source.CheckAsync(new RevocationQuestion(path, 0, [], ValidationTime), CancellationToken.None);

        answer.Status.ToString().Should().BeEquivalentTo(test.GetProperty("expected").GetString(), answer.Detail);
    }

    [ConformanceTheory(File)]
    [MemberData(nameof(Requests))]
    public void Request_IsWrittenAsBoringSslWritesIt(string id)
    {
        var test = Find(id);
        TryParse(test, "cert", out var leaf).Should().BeTrue();
        TryParse(test, "issuer", out var issuer).Should().BeTrue();

        OcspRequestWriter.Write(OcspCertId.Of(leaf!, issuer!), nonce: null).Should().Equal(test.GetProperty("request").GetBytesFromBase64());
    }

    internal static JsonElement Find(string id) => All.Single(test => test.GetProperty("id").GetString() == id);

    private static bool TryParse(JsonElement test, string property, out ParsedCertificate? certificate)
        => ParsedCertificate.TryParse(test.GetProperty(property).GetBytesFromBase64(), out certificate, out _);
}
